import * as v from 'valibot';
import type { LayerKey } from '../model/mount-plan.ts';
import type { ModuleParameter } from '../model/semantics/module-parameters.ts';

/** Names of places with `@` before each; `b` is what is left when a name is cut at its colon. */
const PLACE_NAMES = /^(?:(?:@a:b|@\w[\w/-]*(?:\\[:,][\w/]+)*|b)?(?::(?=.|$)|$))*$/;
/** Long enough for more than mount(2) reads. */
const VALUE_BYTES_MAX = 8192;
const CALLS_MAX = 1024;
const LAYER_KEYS: readonly LayerKey[] = [
  ...(['lowerdir', 'lowerdir+', 'datadir+', 'upperdir', 'workdir'] as const),
];

const places = v.pipe(v.string(), v.maxLength(VALUE_BYTES_MAX), v.regex(PLACE_NAMES));
const layerKey = v.picklist(LAYER_KEYS);

const stringPlan = v.strictObject({
  params: v.pipe(v.array(v.strictObject({ key: layerKey, value: places })), v.maxLength(8)),
  isRelative: v.optional(v.literal(true)),
});

/** What is no layer names no path: no slash, and no dots alone. */
const option = v.pipe(v.string(), v.maxLength(VALUE_BYTES_MAX), v.regex(/^[\w+=,-]*$/));
const type = v.picklist(['string', 'binary', 'path', 'path-empty']);

const contextPlan = v.strictObject({
  calls: v.pipe(
    v.array(
      v.union([
        v.strictObject({ call: v.literal('flag'), key: option }),
        v.strictObject({ call: type, key: layerKey, value: places }),
        v.strictObject({ call: type, key: option, value: option }),
        v.strictObject({
          call: v.literal('fd'),
          key: option,
          value: places,
          opened: v.picklist(['O_PATH', 'O_RDONLY']),
        }),
        v.strictObject({ call: v.picklist(['create', 'reconfigure', 'mount', 'pick']) }),
        v.strictObject({ call: v.literal('remount'), options: option }),
      ]),
    ),
    v.maxLength(CALLS_MAX),
  ),
});

/** A mount of other directories than those of layers; nothing in it leads out of their folder. */
export const mountPlan = v.union([stringPlan, contextPlan]);

/** What the overlay module does without options. */
export const parameters = v.partial(
  v.strictObject({
    ...{ redirect_dir: v.boolean(), redirect_always_follow: v.boolean(), index: v.boolean() },
    ...{ nfs_export: v.boolean(), metacopy: v.boolean(), xino_auto: v.boolean() },
  } satisfies Record<ModuleParameter, v.GenericSchema>),
);

export const user = v.picklist(['root', 'alice', 'bob']);

/** Who mounts. */
export const mounter = v.strictObject({ as: user });
