import { isFree } from '../../model/explanation.ts';
import type { Explanation, Varied } from '../../model/explanation.ts';

/** Where mount options stand among what was varied. */
const MOUNT = 'mount';

/** Tried are those alone that a machine was asked for by name, which says nothing of others. */
const BY_NAME: ReadonlySet<string> = new Set(['file system of lower layers']);

/** What does not matter about a finding. */
export function explanationText(explanation: Explanation): string {
  const lines = explanationLines(explanation).map((line) => `  ${line}`);
  return [explanationTitle(explanation), ...lines].join('\n');
}

/** In a few lines; none where nothing was found out. */
export function explanationLines({ varied, needs }: Explanation): readonly string[] {
  const places = Map.groupBy(varied, ({ at }) => at);
  const lines = [...places].flatMap(([at, here]) => {
    if (at === MOUNT) return mountLines(here, needs);
    const said = saidOf(here);
    if (said.length === 0) return [];
    return [at === '' ? said.join('; ') : `${at}: ${said.join('; ')}`];
  });
  const alone = varied.filter(({ isAlone }) => isAlone).map(nameOf);
  return [...lines, ...(alone.length === 0 ? [] : [`only by itself: ${alone.join(', ')}`])];
}

function nameOf({ at, what }: Varied): string {
  return at === '' || at === MOUNT ? what : `${what} of ${at}`;
}

/** What stands above those lines. */
export function explanationTitle({ varied, probes, isComplete }: Explanation): string {
  const how = varied.filter(isFree).length > 1 ? ', even all at once' : '';
  const cut = isComplete ? '' : ', then time was up';
  return `what does not matter${how} (${probes} variations run${cut}):`;
}

/** Any value will do, or any but few, or some others. */
function saidOf(varied: readonly Varied[]): readonly string[] {
  const isAny = (one: Varied): boolean => isFree(one) && !BY_NAME.has(one.what);
  const free = varied.filter(isAny).map(({ what }) => what);
  const partly = varied.filter((one) => one.shows.length > 0 && !isAny(one));
  return [
    ...(free.length === 0 ? [] : [`any ${free.join(', ')}`]),
    ...partly.map(({ what, shows, hides }) =>
      hides.length > 0 && hides.length <= shows.length
        ? `any ${what} but ${hides.map(cut).join(', ')}`
        : `${what}: ${shows.map(cut).join(', ')} as well`,
    ),
  ];
}

function mountLines(varied: readonly Varied[], needs: string | null): readonly string[] {
  const never = varied.filter(({ shows, hides }) => shows.length === 0 && hides.length > 0);
  const but = never.map(({ what, hides }) => `${what}=${hides.join('|')}`);
  const parts = [
    ...(needs === null ? [] : [needs === '' ? 'none is needed' : `needed: ${needs}`]),
    ...saidOf(varied),
  ];
  return [
    ...(parts.length === 0 ? [] : [`mount options: ${parts.join('; ')}`]),
    ...(but.length === 0 ? [] : [`not seen with ${but.join(', ')}`]),
  ];
}

const VALUE_COLUMNS_MAX = 44;

function cut(text: string): string {
  return text.length > VALUE_COLUMNS_MAX ? `${text.slice(0, VALUE_COLUMNS_MAX - 3)}...` : text;
}
