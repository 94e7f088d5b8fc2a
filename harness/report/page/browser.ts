import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { HarnessError } from '../../errors.ts';
import { makeScratchFolder } from '../../scratch.ts';
import type { ScratchFolder } from '../../scratch.ts';

const ANSWER_MAX_MS = 60_000;

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** A Chromium without a window, told what to do in its DevTools protocol: for tests of the page. */
export class Browser implements AsyncDisposable {
  /** What the page asked for, but for itself. */
  readonly requests: string[] = [];
  readonly #child: ChildProcess;
  readonly #profile: ScratchFolder;
  readonly #input: Writable;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #events = new Map<string, () => void>();
  #session: string | undefined;
  #rest = '';
  #count = 0;

  private constructor(child: ChildProcess, profile: ScratchFolder) {
    this.#child = child;
    this.#profile = profile;
    // They are pipes, as asked for in `open`.
    this.#input = child.stdio[3] as Writable;
    const output = child.stdio[4] as Readable;
    output.setEncoding('utf8').on('data', (text: string) => {
      const messages = (this.#rest + text).split('\0');
      this.#rest = messages.pop() ?? '';
      for (const message of messages) this.#take(JSON.parse(message) as Answer);
    });
  }

  static async open(program: string): Promise<Browser> {
    const profile = await makeScratchFolder();
    const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe'];
    const child = spawn(program, [...args, `--user-data-dir=${profile.path}/profile`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) await profile.noteProcess(child.pid);
    const browser = new Browser(child, profile);
    const { targetId } = await browser.send<{ targetId: string }>('Target.createTarget', {
      url: 'about:blank',
    });
    const attached = await browser.send<{ sessionId: string }>('Target.attachToTarget', {
      ...{ targetId, flatten: true },
    });
    browser.#session = attached.sessionId;
    for (const domain of ['Page', 'Network', 'Runtime']) await browser.send(`${domain}.enable`);
    return browser;
  }

  /** The result of a command has the shape that its protocol promises. */
  async send<T>(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const id = ++this.#count;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    const answered = new Promise<Answer>((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new HarnessError('timeout', `the browser gave no answer to ${method}`));
      }, ANSWER_MAX_MS);
      this.#waiting.set(id, (answer) => {
        clearTimeout(late);
        resolve(answer);
      });
    });
    this.#input.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    const { result, error } = await answered;
    if (error !== undefined) throw new HarnessError('trouble', `${method}: ${error.message}`);
    return result as T;
  }

  async load(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => {
      this.#events.set('Page.loadEventFired', resolve);
    });
    await this.send('Page.navigate', { url });
    await loaded;
  }

  /** What an expression is in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result } = await this.send<{ result: { value: T } }>('Runtime.evaluate', {
      ...{ expression, returnByValue: true },
    });
    return result.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
    await this.#profile[Symbol.asyncDispose]();
  }

  #take(answer: Answer): void {
    if (answer.id !== undefined) {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
      return;
    }
    if (answer.method === 'Network.requestWillBeSent') {
      // What this event carries, by its protocol.
      const { request } = answer.params as { readonly request: { readonly url: string } };
      this.requests.push(request.url);
    }
    this.#events.get(answer.method ?? '')?.();
  }
}
