const SPEC = 'overlayfs documentation';

/** Every rule of overlayfs that the model knows. Code cites a rule by its id. */
export const RULES = {
  'copy-up/parents-first': {
    says: 'Copy-up makes the containing directories exist in the upper layer first.',
    source: `${SPEC}: Non-directories`,
  },
} as const satisfies Record<string, { readonly says: string; readonly source: string }>;

export type RuleId = keyof typeof RULES;
