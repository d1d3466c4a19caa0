import { secondMs } from '../model/time.ts';
import { toTableLines } from '../text/table.ts';
import { counted } from '../text/units.ts';
import { visible } from '../text/visible.ts';
import { type AccountFacts, type Answered, type Check, isLive, type Result } from './facts.ts';
import type { Finding } from './finding.ts';

/** What was found about one account. */
export interface AccountReport {
  readonly facts: AccountFacts;
  readonly findings: readonly Finding[];
}

/** Maximum length of a line, as far as words can be wrapped. */
const width = 100;

/**
 * Returns the report for people: a table of all operations, then each problem with its remedy, then the
 * remarks.
 */
export function toTextReport(accounts: readonly AccountReport[]): string {
  const findings = accounts.flatMap((account) => account.findings);
  const problems = findings.filter((finding) => !isRemark(finding));
  const remarks = findings.filter(isRemark);
  const numbers = new Map([...problems, ...remarks].map((finding, i) => [finding, i + 1]));
  const numberOf = (finding: Finding) => numbers.get(finding) ?? 0;
  const paragraphs = (all: readonly Finding[]) =>
    all.flatMap((each) => ['', ...toParagraph(each, numberOf(each))]);
  return [
    ...toTableLines([titles, ...accounts.flatMap((report) => rowsOf(report, numberOf))]),
    '',
    headline(problems.length),
    ...paragraphs(problems),
    ...(remarks.length === 0 ? [] : ['', 'Remarks, which need no change if they are expected:']),
    ...paragraphs(remarks),
    '',
  ]
    .map(visible)
    .join('\n');
}

/** Reports whether there is no problem. Remarks do not count. */
export function isHealthy(accounts: readonly AccountReport[]): boolean {
  return accounts.every(({ findings }) => findings.every(isRemark));
}

function isRemark({ severity }: Finding): boolean {
  return severity === 'remark';
}

function headline(problems: number): string {
  if (problems === 0) return 'No problem found.';
  return `${counted(problems, 'problem')} found:`;
}

type Row = readonly [account: string, operation: string, result: string, change: string];

const titles: Row = ['account', 'operation', 'result', 'what to change'];

function rowsOf({ facts, findings }: AccountReport, numberOf: (finding: Finding) => number): readonly Row[] {
  const { account, checks } = facts;
  const changesOf = (belongs: (finding: Finding) => boolean) => {
    const own = findings.filter(belongs);
    const problems = own.filter((finding) => !isRemark(finding));
    const texts = problems.map((finding) => `[${numberOf(finding)}] ${finding.summary}`);
    return (texts.length > 0 ? texts : own.map((finding) => `remark [${numberOf(finding)}]`)).join(', ');
  };
  const rows = [...Map.groupBy(checks, ({ operation }) => operation)].map(([operation, own]): Row => {
    const change = changesOf(({ operations }) => operations.includes(operation));
    const cause = own.map(({ result }) =>
      result.kind === 'not_checked' ? result.failedOperation : undefined,
    )[0];
    const first = findings.find(({ operations }) => cause !== undefined && operations.includes(cause));
    const other = first === undefined ? '-' : `[${numberOf(first)}]`;
    return [account, operation, resultsText(own, findings), change || other];
  });
  const general = changesOf(({ operations }) => operations.length === 0);
  return general === '' ? rows : [[account, '-', 'not checked', general], ...rows];
}

/** Returns the results of the checks of one operation, the worst one, with its share if there are others. */
function resultsText(checks: readonly Check[], findings: readonly Finding[]): string {
  const ranks: Readonly<Record<Check['result']['kind'], number>> = {
    failed: 0,
    answered: 1,
    not_offered: 2,
    not_checked: 3,
  };
  const [first] = checks.toSorted((a, b) => ranks[a.result.kind] - ranks[b.result.kind]);
  if (first === undefined) return '';
  const text = resultText({ ...first, result: merged(first.result, checks) }, findings);
  const failed = checks.filter(({ result }) => result.kind === 'failed').length;
  return failed > 0 && checks.length > 1 ? `${text} (${failed} of ${checks.length})` : text;
}

/** Returns an answer with the counts of all answers, and the newest samples; any other result unchanged. */
function merged(result: Result, checks: readonly Check[]): Result {
  if (result.kind !== 'answered') return result;
  const answers = checks.flatMap((check) => (check.result.kind === 'answered' ? [check.result] : []));
  const count = answers.reduce((sum, answer) => sum + answer.count, 0);
  const pushes = answers.flatMap(({ push }) => push ?? []);
  const [push] = pushes.toSorted((a, b) => (a.ageMs ?? Infinity) - (b.ageMs ?? Infinity));
  return { ...result, count, ...(push !== undefined && { push }) };
}

/** Returns the result of a check in a few words. */
export function resultText(check: Check, findings: readonly Finding[]): string {
  const { result, operation } = check;
  switch (result.kind) {
    case 'failed':
      return 'failed';
    case 'not_checked':
      return 'not checked';
    case 'not_offered':
      return 'not offered here';
    case 'answered': {
      const isTrouble = findings.some((each) => !isRemark(each) && each.operations.includes(operation));
      return `${isTrouble ? 'trouble' : 'ok'}, ${answerText(check, result)}`;
    }
    default:
      return result satisfies never;
  }
}

function answerText({ question, target }: Check, { count, push }: Answered): string {
  switch (question) {
    case 'push_stats':
      if (target.isMadeUp === true || push?.ageMs === undefined) return 'nothing live';
      return isLive(push)
        ? `data ${Math.round(push.ageMs / secondMs)}s old`
        : `no data for ${Math.round(push.ageMs / secondMs)}s`;
    case 'online_streams':
    case 'live_push_stats':
      return count === 0 ? 'nothing live' : `${count} live`;
    case 'control_history':
      return count === 0 ? 'no actions' : counted(count, 'action');
    case 'forbidden_streams':
      return count === 0 ? 'no bans' : counted(count, 'ban');
    case 'stream_state':
      return count === 0 ? 'stream unknown' : 'state known';
    case 'push_metrics':
      return counted(count, 'minute');
    case 'domain_mapping':
      return counted(count, 'domain');
    default:
      return question satisfies never;
  }
}

/** Returns the lines about one finding. Everything after the first line is indented. */
function toParagraph(finding: Finding, number: number): readonly string[] {
  const { account, cause, title, remedy, paste, operations, message } = finding;
  const affected = operations.length === 0 ? '' : `; operations: ${operations.join(', ')}`;
  const facts = [`cause: ${cause}${affected}`, ...(message === undefined ? [] : [`message: ${message}`])];
  const indent = '    ';
  return [
    ...wrap(`[${number}] account ${account}: ${title}`, width, indent),
    ...facts.flatMap((fact) => wrap(`${indent}${fact}`, width, `${indent}  `)),
    ...remedy.flatMap((step) => wrap(`${indent}- ${step}`, width, `${indent}  `)),
    ...(paste === undefined ? [] : ['', ...paste.split('\n').map((line) => `${indent}    ${line}`)]),
  ];
}

/**
 * Wraps a text at spaces. The lines after the first start with `indent`. A longer word has a line of its own.
 */
function wrap(text: string, maxLength: number, indent: string): readonly string[] {
  const lines: string[] = [];
  const start = /^ */.exec(text)?.[0] ?? '';
  let line = start;
  for (const word of text.trim().split(' ')) {
    const isEmpty = line.trim() === '';
    if (!isEmpty && line.length + 1 + word.length > maxLength) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = isEmpty ? `${line}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}
