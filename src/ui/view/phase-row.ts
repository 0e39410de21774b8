import { printableLine } from '../../errors/printable.js';
import { stagesWhere } from '../../model/runs/host-stage.js';
import type { HostStage, RunPhase } from '../../model/runs/run.js';
import { bytesText } from '../../model/text/bytes-text.js';
import { countText } from '../../model/text/count-text.js';
import type { Style } from '../terminal/style.js';
import { padEnd } from '../terminal/width.js';
import { clockText, durationText, elapsedText } from '../text/format.js';
import { phaseTitle } from '../text/labels.js';
import { countsText } from './progress.js';
import { countIn, type PhaseView, type View, type WaveView } from './view.js';

/** A part of a run: a phase or a wave, never a host. */
export interface PhaseKey {
  readonly phase: RunPhase;
  readonly wave: number | null;
}

/** A task of the tree. */
export interface PhaseRow extends PhaseKey {
  readonly state: 'waiting' | 'active' | 'done' | 'failed' | 'skipped';
}

export interface RowLook {
  readonly style: Style;
  readonly now: number;
  /** Columns for titles. */
  readonly titleWidth: number;
}

/** `✔ Wave 1 (canary)  1/1 done  6.2s`. */
export function phaseLine(row: PhaseRow, view: View, look: RowLook): string {
  const { style } = look;
  const began = view.phases.findLast((p) => p.phase === row.phase && p.wave === row.wave);
  const title = padEnd(phaseTitle(row.phase, row.wave), look.titleWidth);
  const detail = detailText(row, { began, view, look });
  const time = timeText(began, look.now);
  const line = `${symbolOf(row, view, look)} ${row.state === 'active' ? style.bold(title) : title}`;
  const rest = [detail, style.dim(time)].filter((part) => part !== '').join('  ');
  return row.state === 'waiting' || row.state === 'skipped'
    ? style.dim(`${line}  ${rest}`.trimEnd())
    : `${line}  ${rest}`.trimEnd();
}

function timeText(phase: PhaseView | undefined, now: number): string {
  if (phase === undefined) return '';
  return phase.endedAt === null
    ? elapsedText(now - phase.startedAt)
    : durationText(phase.endedAt - phase.startedAt);
}

/** The detail of a phase that is running, without its title, e.g. `12/20 staged`. */
export function phaseDetail(
  phase: PhaseView,
  view: View,
  look: Pick<RowLook, 'style' | 'now'>,
): string {
  const row: PhaseRow = { phase: phase.phase, wave: phase.wave, state: 'active' };
  return detailText(row, { began: phase, view, look });
}

function symbolOf(row: PhaseRow, view: View, look: RowLook): string {
  const { style } = look;
  const { ok, failed, skipped, back, spinner, warning } = style.symbols;
  switch (row.state) {
    case 'waiting':
      return ' ';
    case 'active':
      return style.cyan(spinner[Math.floor(look.now / 100) % spinner.length] ?? '');
    case 'done': {
      const taken = countIn(view.waves[row.wave ?? -1]?.counts ?? {}, ...GOING_BACK) > 0;
      return taken ? style.yellow(back) : style.green(ok);
    }
    case 'failed':
      return view.stop?.kind === 'interrupted' ? style.yellow(warning) : style.red(failed);
    case 'skipped':
      return skipped;
  }
}

interface RowContext {
  readonly began: PhaseView | undefined;
  readonly view: View;
  readonly look: Pick<RowLook, 'style' | 'now'>;
}

function detailText(row: PhaseRow, context: RowContext): string {
  const { began, view, look } = context;
  const wave = view.waves[row.wave ?? -1];
  if (row.state === 'active' && view.hook !== null) return hookText(view, look);
  if (row.state === 'skipped') return isDone(wave) ? 'done before' : 'not started';
  if (row.phase === 'wave') return waveText(wave, look);
  if (began === undefined) return '';
  const total = began.hosts.length || view.hosts.size;
  switch (row.phase) {
    case 'preflight': {
      const { answered = 0, failed = 0 } = view.preflight ?? {};
      const bad = failed > 0 ? `, ${look.style.red(`${failed} failed`)}` : '';
      return `${answered - failed}/${total} answered${bad}`;
    }
    case 'claiming':
      return `${isWhole(began) ? total : reached(view, BEFORE_CLAIM, total)}/${total} claimed`;
    case 'staging': {
      const staged = isWhole(began) ? total : reached(view, BEFORE_STAGED, total);
      return `${staged}/${total} staged${began.endedAt === null ? uploadText(view) : ''}`;
    }
    case 'stopping': {
      const uploading = countIn(view.counts, 'staging') > 0 ? uploadText(view) : '';
      return `hosts in flight reach a settled state${uploading}`;
    }
    case 'rolling-back':
      return `${countIn(view.counts, ...BACK)} rolled back`;
    case 'finalizing':
      return countText(total, 'host');
  }
}

/** Whether it ended with all hosts, not by a stop. */
const isWhole = ({ endedAt, hasFailed }: PhaseView): boolean => endedAt !== null && !hasFailed;

/** A resumed run does not start the waves again that were done. */
const isDone = (wave: WaveView | undefined): boolean =>
  wave !== undefined && countIn(wave.counts, 'done') === wave.hosts.length;

const GOING_BACK = stagesWhere(({ back }) => back);
const BACK = stagesWhere(({ back, final }) => back && final);
const BEFORE_CLAIM = stagesWhere(({ reached }) => reached === 'nothing');
const BEFORE_STAGED = stagesWhere(({ reached }) => reached === 'nothing' || reached === 'claim');

const reached = (view: View, before: readonly HostStage[], total: number): number =>
  total - countIn(view.counts, ...before);

/** `, 6.1 GB of 25 GB sent`. */
function uploadText({ upload }: View): string {
  if (upload === null) return '';
  return `, ${bytesText(upload.sentBytes)} of ${bytesText(upload.totalBytes)} sent`;
}

/** `hook migrate on web01, 12 s: Adding column…`. */
function hookText({ hook }: View, { now }: Pick<RowLook, 'now'>): string {
  if (hook === null) return '';
  const where = hook.host === null ? '' : ` on ${hook.host}`;
  const note = hook.note === null ? '' : `: ${printableLine(hook.note)}`;
  return `hook ${printableLine(hook.name)}${where}, ${elapsedText(now - hook.startedAt)}${note}`;
}

function waveText(wave: WaveView | undefined, look: RowContext['look']): string {
  if (wave === undefined) return '';
  const hosts = countText(wave.hosts.length, 'host');
  switch (wave.state) {
    case 'waiting':
      return hosts;
    case 'baking':
      return `${hosts}, baking, ${clockText((wave.bakeUntil ?? 0) - look.now)} left`;
    case 'gate':
      return `${hosts}, gate: probing every updated host`;
    case 'paused':
      return `${hosts}, paused`;
    case 'inconclusive':
      return `${hosts}, gate: no answer from some hosts`;
    case 'switching':
    case 'passed':
    case 'failed':
      return countsText(wave.counts, look.style);
  }
}
