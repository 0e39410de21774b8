import type { ChainReading } from '../../history/chain/verify.js';
import type { RecordState } from './findings.js';

/** What a chain alone shows. */
export function judgeChain(
  reading: ChainReading,
  problem: string | null,
): { readonly state: RecordState; readonly notes: readonly string[] } {
  if (problem !== null) return { state: 'incomplete', notes: [`it cannot be read: ${problem}`] };
  const { misfit, chainedFrom, lines } = reading;
  const before = beforeText(reading);
  if (misfit !== null) {
    return { state: 'changed', notes: [`line ${misfit.line} does not fit: ${misfit.meaning}`] };
  }
  if (chainedFrom === null) return { state: lines === 0 ? 'intact' : 'unchained', notes: before };
  const doubts = doubtsOf(reading);
  return { state: doubts.length === 0 ? 'intact' : 'incomplete', notes: [...doubts, ...before] };
}

function doubtsOf({ uncovered, forks, isTorn }: ChainReading): readonly string[] {
  return [
    ...(uncovered.length === 0
      ? []
      : [`${linesText(uncovered)} without a digest, and no later line covers that`]),
    ...(forks.length === 0 ? [] : [`${linesText(forks)} written while another process wrote too`]),
    ...(isTorn ? ['the last line is cut off, as by a crash'] : []),
  ];
}

function beforeText({ chainedFrom, lines, covered }: ChainReading): readonly string[] {
  if (lines === 0) return [];
  if (chainedFrom === null) return ['from before lines had digests'];
  return [
    ...(chainedFrom === 1
      ? []
      : [
          `${linesText(range(1, chainedFrom - 1))} from before lines had digests; later lines cover that`,
        ]),
    ...(covered.length === 0
      ? []
      : [`${linesText(covered)} without a digest, as a crash leaves one; later lines cover that`]),
  ];
}

const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

function linesText(numbers: readonly number[]): string {
  const [first = 0] = numbers;
  const last = numbers.at(-1) ?? first;
  if (first === last) return `line ${first} is`;
  const isRow = last - first === numbers.length - 1;
  return isRow
    ? `lines ${first} to ${last} are`
    : `${numbers.length} lines from ${first} to ${last} are`;
}
