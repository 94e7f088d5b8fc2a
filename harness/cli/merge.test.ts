import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withBugs } from '../../properties/planted-bugs.ts';
import type { Subject } from '../campaign-plan.ts';
import type { StoredCampaign } from '../report/campaign-record.ts';
import { runDocument } from '../report/document.ts';
import type { RunDocument } from '../report/document.ts';
import { makeScratchFolder } from '../scratch.ts';
import type { ScratchFolder } from '../scratch.ts';
import { playCampaign } from './played-campaign.ts';

const MAIN = join(import.meta.dirname, 'ovlcheck.ts');
const SHARDS = [0, 1, 2];
/** Not a multiple of the number of shards. */
const SCENARIOS = 61;

let scratch: ScratchFolder;
let unsharded: StoredCampaign;
const whole: string[] = [];
const parts: string[] = [];

beforeAll(async () => {
  scratch = await makeScratchFolder();
  // Each shard shrinks what it meets first: bugs of one cause each, however they are met.
  const ops = withBugs('unlink-forgets-whiteout', 'link-keeps-nlink', 'chmod-loses-xattrs');
  const noting =
    (into: string[]) =>
    (subject: Subject): Subject => ({
      ...subject,
      scenarioAt(index) {
        const scenario = subject.scenarioAt(index);
        into[index] = createHash('sha256').update(JSON.stringify(scenario)).digest('hex');
        return scenario;
      },
    });
  unsharded = await playCampaign({
    ...{ dir: at('whole'), scenarios: SCENARIOS, ops, around: noting(whole) },
  });
  for (const index of SHARDS) {
    const shard = { index, of: SHARDS.length };
    await playCampaign({
      ...{ dir: at(`shard-${index}`), scenarios: SCENARIOS, shard, ops, around: noting(parts) },
    });
  }
  await playCampaign({ dir: at('older'), scenarios: 3, release: '6.1.5' });
});

afterAll(() => scratch[Symbol.asyncDispose]());

function at(name: string): string {
  return join(scratch.path, name);
}

interface Merged {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function merge(into: string, ...dirs: readonly string[]): Merged {
  const args = [MAIN, 'merge', '--report', at(into), ...dirs.map((dir) => at(dir)), '--json'];
  return spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
}

function documentIn(stdout: string): RunDocument {
  return v.parse(runDocument, JSON.parse(stdout));
}

/** All but how long it took and where files are. */
function lasting({ boot: _, firstCheckedStepMs: __, ...document }: RunDocument): unknown {
  return {
    ...document,
    kernels: document.kernels.map(({ seconds: _, stepsPerSecond: __, ...rest }) => rest),
    findings: document.findings.map(({ file, ...rest }) => ({
      ...{ ...rest, scenario: readFileSync(file, 'utf8') },
    })),
  };
}

test('shards run exactly the scenarios of the unsharded run, each once', () => {
  expect(whole).toHaveLength(SCENARIOS);
  expect(new Set(whole).size).toBe(SCENARIOS);
  expect(parts).toEqual(whole);
});

test('merged shards say what the unsharded run says', () => {
  expect(unsharded.result.findings.length).toBeGreaterThan(1);
  const { status, stdout } = merge('merged', 'shard-2', 'shard-0', 'shard-1');
  expect(status).toBe(1);
  expect(lasting(documentIn(stdout))).toEqual(lasting(unsharded.result));
  const stored = JSON.parse(readFileSync(join(at('merged'), 'merged.json'), 'utf8'));
  const [{ record }] = stored.campaigns;
  const { seconds: _, pace: __, ...tally } = unsharded.record.tally;
  expect(record.tally).toMatchObject(tally);
  expect(record.shard).toEqual({ index: 0, of: 1 });
  expect(readFileSync(join(at('merged'), 'junit.xml'), 'utf8')).toContain('<testsuites');
});

test('a shard that is missing is no answer, and one that is there twice is a mistake', async () => {
  await playCampaign({ dir: at('good'), scenarios: 4, shard: { index: 0, of: 2 } });
  const { status, stdout } = merge('incomplete', 'good');
  expect(status).toBe(4);
  expect(documentIn(stdout)).toMatchObject({
    ...{ verdict: 'inconclusive', trouble: 'shard 2/2 is missing' },
  });
  const twice = merge('twice', 'good', 'good');
  expect([twice.status, twice.stderr]).toEqual([
    ...[2, 'ovlcheck: shard 1/2 on 6.12.7 (model) is there twice\n'],
  ]);
  expect(existsSync(at('twice'))).toBe(false);
});

test('other kernels stand side by side, and what was merged can be merged again', () => {
  expect(merge('first', 'shard-0', 'shard-1', 'shard-2').status).toBe(1);
  const { status, stdout } = merge('both', 'first', 'older');
  expect(status).toBe(1);
  const { kernels, verdict, findings } = documentIn(stdout);
  expect(kernels.map(({ release }) => release)).toEqual(['6.12.7', '6.1.5']);
  expect([verdict, findings.length]).toEqual(['differs', unsharded.result.findings.length]);
  const again = merge('both', 'first', 'older');
  expect([again.status, again.stderr]).toEqual([
    ...[2, `ovlcheck: ${at('both')} holds a report already; choose another --report\n`],
  ]);
});

test('a campaign that was killed is no answer', async () => {
  await playCampaign({ dir: at('killed'), scenarios: 3 });
  rmSync(join(at('killed'), 'result.json'));
  const { status, stdout } = merge('after-kill', 'killed');
  expect(status).toBe(4);
  expect(documentIn(stdout)).toMatchObject({ verdict: 'inconclusive', isInterrupted: true });
});

test('what is no report is refused', () => {
  expect(merge('of-nothing', 'nowhere')).toMatchObject({
    ...{ status: 2, stderr: `ovlcheck: ${at('nowhere')} holds no report\n` },
  });
  writeFileSync(join(at('older'), 'campaign.json'), '{"property": "lockstep"}');
  const { status, stderr } = merge('of-another', 'older');
  expect([status, stderr]).toEqual([
    ...[2, `ovlcheck: ${at('older')} is no report of this version: seed\n`],
  ]);
});
