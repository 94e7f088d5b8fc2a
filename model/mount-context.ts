import type { MountView } from './observation.ts';
import { addLower, nameLayer, NOTHING_NAMED, setUpperOrWork } from './mount-layers.ts';
import type { NamedLayers, Naming } from './mount-layers.ts';
import type { ContextCall, ContextPlan, LayerKey } from './mount-plan.ts';
import { settleOptions, startOptions, takeOption } from './overlay/params.ts';
import type { MountConfig, OptionState, ResolveContext } from './overlay/params.ts';
import { fail } from './prediction.ts';
import type { Failure, Prediction } from './prediction.ts';

/** What a mount comes to, of layers and options that were settled. */
export interface SettledMount {
  readonly config: MountConfig;
  readonly view: MountView;
}

/** Mounts what was named. */
export type SettleMount = (
  named: NamedLayers,
  resolved: Prediction<MountConfig>,
  context: ResolveContext,
) => Prediction<SettledMount>;

/** What a context takes next. */
type Phase = 'parameters' | 'mounting' | 'changes' | 'failed';

/** fsconfig(2) takes strings of this many bytes, old kernels as many in all as a page has. */
const VALUE_BYTES_MAX = 255;
const PAGE_BYTES = 4096;
const LAYER_KEYS: ReadonlySet<string> = new Set<LayerKey>([
  ...(['lowerdir', 'lowerdir+', 'datadir+', 'upperdir', 'workdir'] as const),
]);
const FD_KEYS: ReadonlySet<string> = new Set(['lowerdir+', 'datadir+', 'upperdir', 'workdir']);

/** Plays calls on one file system context; what each returns, and the mount in the end. */
export function playCalls(
  { calls }: ContextPlan,
  settle: SettleMount,
  context: ResolveContext,
): { readonly results: readonly string[]; readonly mount: SettledMount | null } {
  const player = new ContextPlayer(settle, context);
  const results = calls.map((call) => {
    const failure = player.play(call);
    return failure === null ? '0' : failure.anyOf.join(' or ');
  });
  return { results, mount: player.mount };
}

/** What a value takes when places are known by their names alone. */
function bytesOf(value: string): number {
  return value.replaceAll('@', '').length;
}

/** Flags of a super block that a context sets: only what it names changes. */
interface SuperFlags {
  isReadOnly: boolean;
  isReadOnlyNamed: boolean;
}

class ContextPlayer {
  /** What is mounted where all looks. */
  mount: SettledMount | null = null;
  private readonly context: ResolveContext;
  private readonly settle: SettleMount;
  private readonly isLegacy: boolean;
  private phase: Phase = 'parameters';
  private named: NamedLayers = NOTHING_NAMED;
  private options: OptionState;
  private readonly flags: SuperFlags = { isReadOnly: false, isReadOnlyNamed: false };
  private hasSource = false;
  /** Old kernels keep parameters as text until the mount. */
  private kept: readonly (readonly [key: string, value: string | null])[] = [];
  private made: SettledMount | null = null;

  constructor(settle: SettleMount, context: ResolveContext) {
    this.settle = settle;
    this.context = context;
    this.isLegacy = !context.semantics.features.has('fs-context');
    this.options = startOptions(context);
  }

  play(call: ContextCall): Failure | null {
    switch (call.call) {
      case 'create':
        return this.create();
      case 'mount':
        return this.mountMade();
      case 'pick':
        return this.pick();
      case 'reconfigure':
        return this.reconfigure();
      case 'remount':
        return this.mount === null ? this.fails('EINVAL') : this.remount(false);
      default:
        return this.configure(call);
    }
  }

  private configure(call: Extract<ContextCall, { readonly key: string }>): Failure | null {
    const { key } = call;
    const isPlain = call.call === 'flag' || call.call === 'string';
    if (this.isLegacy && !isPlain) return this.fails('EOPNOTSUPP');
    if (call.call === 'string' && bytesOf(call.value) > VALUE_BYTES_MAX)
      return this.fails('EINVAL');
    if (call.call === 'fd' && !this.isFile(call)) return this.fails('EBADF');
    if (this.phase !== 'parameters' && this.phase !== 'changes') return this.fails('EBUSY');
    if (key === 'ro' || key === 'rw') {
      this.flags.isReadOnly = key === 'ro';
      this.flags.isReadOnlyNamed = true;
      return null;
    }
    if (this.isLegacy) return this.keep(key, call.call === 'string' ? call.value : null);
    if (this.phase === 'changes') return this.refuseChange();
    if (call.call === 'fd' && this.takesFd(key)) return this.addPlace(key, call.value.slice(1));
    if (key === 'source') return this.takeSource(call.call === 'string');
    if (!isPlain) return this.fails('EINVAL');
    return this.take(key, call.call === 'string' ? call.value : null);
  }

  /** A parameter of a mount that is there: the overlay has none that could change. */
  private refuseChange(): Failure {
    this.context.rule('context/no-changes');
    return fail('EINVAL');
  }

  private takeSource(isString: boolean): Failure | null {
    if (!isString || this.hasSource) return this.fails('EINVAL');
    this.hasSource = true;
    return null;
  }

  /** Whether a file descriptor is of anything, to fsconfig(2). */
  private isFile({ value, opened }: Extract<ContextCall, { readonly call: 'fd' }>): boolean {
    const takesPaths = this.context.semantics.behaviour.configFd === 'may be of O_PATH';
    return value !== '' && (opened === 'O_RDONLY' || takesPaths);
  }

  private takesFd(key: string): boolean {
    return FD_KEYS.has(key) && this.context.semantics.features.has('layers-by-fd');
  }

  private addPlace(key: string, place: string): Failure | null {
    this.context.rule('context/layers-by-fd');
    const { named, context } = this;
    if (key === 'upperdir' || key === 'workdir') {
      return this.name(setUpperOrWork(named, key, { name: place, given: place }, context));
    }
    return this.name(addLower(named, key === 'datadir+', place, context));
  }

  /** What was refused leaves what was taken before. */
  private name({ named, refused }: Naming): Failure | null {
    this.named = named;
    return refused;
  }

  private take(key: string, value: string | null): Failure | null {
    const { named, options, context } = this;
    // Only a string that names all lower layers may be empty.
    const isLayer = LAYER_KEYS.has(key) && value !== null;
    if (isLayer) return this.name(nameLayer(named, key as LayerKey, value, context));
    return takeOption(value === null ? key : `${key}=${value}`, options, context);
  }

  private keep(key: string, value: string | null): Failure | null {
    if (key === 'source') return this.takeSource(value !== null);
    this.context.rule('context/kept-as-text');
    const keptBytes = (name: string, text: string | null): number =>
      name.length + (text === null ? 0 : 1 + bytesOf(text));
    const used = this.kept.reduce((sum, [name, text]) => sum + keptBytes(name, text) + 1, 0);
    const size = Math.max(0, used - 1);
    if (size + keptBytes(key, value) + 2 > PAGE_BYTES) return this.fails('EINVAL');
    if (value?.includes(',') === true) return this.fails('EINVAL');
    this.kept = [...this.kept, [key, value]];
    return null;
  }

  private create(): Failure | null {
    if (this.phase !== 'parameters') return this.fails('EBUSY');
    for (const [key, value] of this.kept) {
      const refused = this.take(key, value);
      if (refused === null) continue;
      this.phase = 'failed';
      return refused;
    }
    const { config } = this.options;
    config.isReadOnly = this.flags.isReadOnly;
    const resolved = settleOptions(this.options, this.named.upper !== null, this.context);
    const made = this.settle(this.named, resolved, this.context);
    this.phase = made.ok ? 'mounting' : 'failed';
    if (!made.ok) return made;
    this.made = made.value;
    return null;
  }

  private mountMade(): Failure | null {
    if (this.made === null) return this.fails('EINVAL');
    if (this.phase !== 'mounting') return this.fails('EBUSY');
    this.mount = this.made;
    this.forgetParameters();
    return null;
  }

  /** What a context holds that is to change a mount. */
  private forgetParameters(): void {
    this.phase = 'changes';
    this.kept = [];
    this.hasSource = false;
    this.flags.isReadOnly = false;
  }

  private pick(): Failure | null {
    if (this.mount === null) return this.fails('EINVAL');
    this.made = this.mount;
    this.forgetParameters();
    this.flags.isReadOnlyNamed = false;
    return null;
  }

  private reconfigure(): Failure | null {
    if (this.phase !== 'changes') return this.fails('EBUSY');
    const failure = this.remount(this.flags.isReadOnly, this.flags.isReadOnlyNamed);
    if (failure === null) this.forgetParameters();
    else this.phase = 'failed';
    return failure;
  }

  /** Options say nothing to a mount that is there, but whether it is read-only. */
  private remount(isReadOnly: boolean, isNamed = true): Failure | null {
    const { mount } = this;
    if (mount === null) return this.fails('EINVAL');
    const [state = '', ...layers] = mount.view.layers;
    const canWrite = layers.some((layer) => layer.startsWith('upperdir='));
    this.context.rule('context/remount');
    if (!isReadOnly && !canWrite) return fail('EROFS');
    const next = isNamed ? (isReadOnly ? 'ro' : 'rw') : state;
    const view = { ...mount.view, layers: [next, ...layers] };
    this.mount = { ...mount, view };
    return null;
  }

  private fails(errno: Parameters<typeof fail>[0]): Failure {
    this.context.rule('context/refused');
    return fail(errno);
  }
}
