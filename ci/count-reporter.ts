import { writeFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Writes `PASSED FAILED` into the file that `OVLCHECK_COUNTS` names, for ci/test to add up.
 * Whatever is not a test that ran and passed is a failure: a test left out, a file that does not
 * load, an error outside of any test.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const states = tests.map((test) => test.result().state);
    const passed = states.filter((state) => state === 'passed').length;
    const brokenSuites = modules.flatMap((module) => [
      ...module.errors(),
      ...[...module.children.allSuites()].flatMap((suite) => suite.errors()),
    ]);
    const failed = states.length - passed + brokenSuites.length + unhandledErrors.length;

    const file = process.env['OVLCHECK_COUNTS'];
    if (file === undefined) throw new Error('OVLCHECK_COUNTS must name a file');
    writeFileSync(file, `${passed} ${failed}\n`);
  }
}
