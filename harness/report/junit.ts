import { isCertainRecord, placeOf } from './campaign-record.ts';
import type { StoredCampaign } from './campaign-record.ts';
import type { FindingRecord } from './document.ts';
import { escapeMarkup } from './escape.ts';

interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly seconds: number;
}

/**
 * Campaigns as JUnit XML: a suite for each, with one case that says that all of it was checked, and
 * one that fails for each finding. What was never seen again is an error: no proof of anything.
 */
export function junitXml(campaigns: readonly StoredCampaign[]): string {
  const counts = campaigns.map(countsOf);
  const sum = (of: (counts: Counts) => number): number =>
    counts.reduce((total, one) => total + of(one), 0);
  const all = attributes({
    name: 'ovlcheck',
    tests: sum(({ tests }) => tests),
    failures: sum(({ failures }) => failures),
    errors: sum(({ errors }) => errors),
    time: sum(({ seconds }) => seconds).toFixed(3),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${all}>`,
    ...campaigns.map(suite),
    '</testsuites>\n',
  ].join('\n');
}

function countsOf({ record, result }: StoredCampaign): Counts {
  const failures = record.findings.filter(isCertainRecord).length;
  const uncertain = record.findings.length - failures;
  return {
    tests: record.findings.length + 1,
    failures,
    errors: uncertain + (isWithoutAnswer(result) ? 1 : 0),
    seconds: secondsOf(result),
  };
}

function isWithoutAnswer({ trouble, isInterrupted }: StoredCampaign['result']): boolean {
  return trouble !== null || isInterrupted;
}

function secondsOf({ kernels }: StoredCampaign['result']): number {
  return kernels.reduce((sum, { seconds }) => sum + seconds, 0);
}

function suite(campaign: StoredCampaign): string {
  const { record, result } = campaign;
  const { tests, failures, errors, seconds } = countsOf(campaign);
  const name = `${record.property} on ${placeOf(campaign)}`;
  const time = seconds.toFixed(3);
  const { seed, options, base, stepCount } = record;
  const properties = Object.entries({ seed, options, base, steps: stepCount }).map(
    ([key, value]) => `   <property${attributes({ name: key, value })}/>`,
  );
  // The name of the case stays the same from run to run, so that its history is one.
  const caseName = `scenarios on ${base} with ${options === '' ? 'no options' : options}`;
  const classname = `ovlcheck.${record.property}`;
  return [
    ` <testsuite${attributes({ name, tests, failures, errors, skipped: 0, time })}>`,
    '  <properties>',
    ...properties,
    '  </properties>',
    `  <testcase${attributes({ classname, name: caseName, time })}>`,
    ...(isWithoutAnswer(result)
      ? [`   <error${attributes({ message: troubleOf(result) })}/>`]
      : []),
    `   <system-out>${escapeMarkup(workText(campaign))}</system-out>`,
    '  </testcase>',
    ...record.findings.map((finding) => failedCase(classname, finding)),
    ' </testsuite>',
  ].join('\n');
}

function troubleOf({ trouble }: StoredCampaign['result']): string {
  return trouble ?? 'interrupted';
}

function workText({ result: { kernels, rules, verdict } }: StoredCampaign): string {
  const lines = kernels.map(
    ({ scenarios, steps, known }) => `${scenarios} scenarios, ${steps} steps, ${known} known`,
  );
  return [...lines, `${rules.reached} of ${rules.total} rules`, `verdict: ${verdict}`].join('\n');
}

function failedCase(classname: string, finding: FindingRecord): string {
  const { kind, cause, file, text } = finding;
  const element = isCertainRecord(finding) ? 'failure' : 'error';
  const about = attributes({ type: kind, message: cause });
  return [
    `  <testcase${attributes({ classname, name: cause, file, time: '0' })}>`,
    `   <${element}${about}>${escapeMarkup(text)}</${element}>`,
    '  </testcase>',
  ].join('\n');
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${attributeText(String(value))}"`)
    .join('');
}

/** A parser would make spaces of these. */
function attributeText(text: string): string {
  return escapeMarkup(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
