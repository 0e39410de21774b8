import type { HostFailure } from '../../errors/host-failure.js';
import { printableLine } from '../../errors/printable.js';
import { backupEventText } from '../../events/backup-text.js';
import type { EventOf, FleetEvent } from '../../events/event.js';
import type { HostName } from '../../model/names.js';
import { pauseText, reasonText, stopText, waveName } from '../../model/runs/run-words.js';
import { countText } from '../../model/text/count-text.js';
import { formatDuration } from '../../model/text/duration.js';
import { namesText } from '../../model/text/name-ranges.js';
import type { Style } from '../terminal/style.js';
import { failureBlock, failureKey } from '../text/failure.js';
import { durationText } from '../text/format.js';
import { endText, failureText, kindTitle, phaseTitle, warningText } from '../text/labels.js';
import { phaseDetail } from '../view/phase-row.js';
import { createLiveView } from '../view/reduce.js';
import { currentPhase, type PhaseView, type View } from '../view/view.js';

export interface PlainOptions {
  readonly style: Style;
  /** The time of day of an RFC 3339 time, as it is shown before each line. */
  readonly timeOf: (at: string) => string;
  /** From 1 on, every stage and note of each host has a line. */
  readonly verbosity: number;
}

/** Lines for a log: what changed and when. Hosts that do the same share a line. */
export interface Plain {
  readonly view: View;
  lines(event: FleetEvent): readonly string[];
  /** Call this about every second, with the time: it gives progress that is due, and signs of life. */
  tick(now: number): readonly string[];
}

const PROGRESS_MS = 3_000;
/** CI systems end a job that prints nothing for some minutes. */
const SILENCE_MS = 30_000;

export function createPlain(options: PlainOptions): Plain {
  const live = createLiveView();
  const { view } = live;
  const state: PlainState = { ...options, view, shown: new Map(), known: new Set(), news: false };
  let progressAt = 0;
  let lineAt = 0;

  const stamp = (at: string, lines: readonly string[]): readonly string[] => {
    if (lines.length > 0) lineAt = Date.parse(at);
    return lines.map((line) => (line.startsWith('  ') ? line : `${options.timeOf(at)} ${line}`));
  };

  return {
    view,
    lines(event) {
      live.apply(event);
      if (event.type === 'phase-started' || event.type === 'phase-ended') {
        progressAt = Date.parse(event.at);
      }
      return stamp(event.at, linesFor(event, state));
    },
    tick(now) {
      const phase = currentPhase(view);
      if (phase === null || view.end !== null) return [];
      const due = state.news && now - progressAt >= PROGRESS_MS;
      if (!due && now - lineAt < SILENCE_MS) return [];
      progressAt = now;
      const at = new Date(now).toISOString();
      const slowest = state.news ? '' : slowestText(view, now);
      state.news = false;
      return stamp(at, [`${progressText(phase, state, now)}${slowest}`]);
    },
  };
}

interface PlainState extends PlainOptions {
  readonly view: View;
  /** The first host of each failure that was shown in full. */
  readonly shown: Map<string, HostName>;
  /** Hosts whose failure was shown. */
  readonly known: Set<HostName>;
  /** Something changed that no line has shown yet. */
  news: boolean;
}

function linesFor(event: FleetEvent, state: PlainState): readonly string[] {
  switch (event.type) {
    case 'preflight-started':
      return [`preflight: checking ${countText(event.hosts.length, 'host')}`];
    case 'preflight-host':
      // A failure here is shown by the refusal, or by the plan that leaves the host out.
      return preflightEnd(state.view);
    case 'run-started':
      state.shown.clear();
      state.known.clear();
      return [startText(event)];
    case 'phase-started':
      return phaseStart(event);
    case 'phase-ended':
      return phaseEnd(event, state);
    case 'host-stage':
      state.news = true;
      return [
        ...failureLines(event.host, event.failure ?? null, state),
        ...detail(state, `${event.host}: ${event.stage}`),
      ];
    case 'hook-started':
      return hookStart(event, state);
    case 'hook-note':
      return [`hook ${printableLine(event.name)}: ${printableLine(event.note)}`];
    case 'hook-ended':
      return hookEnd(event, state);
    case 'host-note':
      return detail(state, `${event.host}: ${printableLine(event.note)}`);
    case 'backup-taken':
    case 'backup-restored':
      return detail(state, printableLine(backupEventText(event)));
    case 'bake-started':
      return event.ms === 0
        ? []
        : [`${waveName(event.wave)}: baking for ${formatDuration(event.ms)}`];
    case 'gate-judged':
      return [gateText(event)];
    case 'stopped':
      return [state.style.red(`${state.style.symbols.failed} stopped: ${stopText(event.reason)}`)];
    case 'pause-asked':
      return [
        `${event.by} asked for a pause${reasonText(event.reason)}`,
        'hosts in flight reach a settled state',
      ];
    case 'paused':
      return [pausedLine(event, state.view)];
    case 'resumed':
      return [`resumed by ${event.by}${reasonText(event.reason)}`];
    case 'warning':
      return [state.style.yellow(warningText(event))];
    case 'run-ended':
      return [`ended: ${endText(event.state, event.exitCode)}`];
    case 'upload-progress':
    case 'preflight-asked':
    case 'gate-started':
    case 'hook-settled':
    case 'taken-over':
    case 'journal-sealed':
    case 'approval-asked':
    case 'step-sent':
    case 'step-ended':
    case 'stream-started':
      return [];
  }
}

function startText({ kind, plan, run }: EventOf<'run-started'>): string {
  const what = `${kindTitle(kind).toLowerCase()} of ${plan.app} ${plan.release.id} to ${plan.group}`;
  const size = `${countText(plan.hosts.length, 'host')} in ${countText(plan.waves, 'wave')}`;
  return `${what}: ${size}, run ${run}`;
}

/** In full the first time. Another host that fails in the same way has one line. */
function failureLines(
  host: HostName,
  failure: HostFailure | null,
  state: PlainState,
): readonly string[] {
  if (failure === null || state.known.has(host)) return [];
  state.known.add(host);
  const key = failureKey(failure);
  const first = state.shown.get(key);
  if (first === undefined) {
    state.shown.set(key, host);
    return failureBlock(host, failure, state.style);
  }
  const { style } = state;
  return [`${style.red(`${style.symbols.failed} ${host}`)}  ${failureText(failure)} (as ${first})`];
}

function preflightEnd(view: View): readonly string[] {
  if (view.preflight === null) return [];
  const { answered, failed, hosts } = view.preflight;
  if (answered < hosts.length) return [];
  return [`preflight: ${answered - failed} of ${countText(hosts.length, 'host')} answered`];
}

function phaseStart(event: EventOf<'phase-started'>): readonly string[] {
  if (event.phase === 'preflight') return [];
  if (event.phase === 'stopping') return ['stop: hosts in flight reach a settled state'];
  return [`${titleOf(event)}: started${hostsText(event.hosts)}`];
}

function phaseEnd(event: EventOf<'phase-ended'>, state: PlainState): readonly string[] {
  const { view } = state;
  const phase = view.phases.findLast((p) => p.phase === event.phase && p.wave === event.wave);
  state.news = false;
  if (phase === undefined || phase.phase === 'preflight') return [];
  const took = durationText((phase.endedAt ?? view.lastAt) - phase.startedAt);
  if (phase.phase === 'stopping') return [`stop: every host in flight is settled (${took})`];
  return [`${progressText(phase, state, view.lastAt)} (${took})`];
}

function progressText(phase: PhaseView, state: PlainState, now: number): string {
  return `${titleOf(phase)}: ${phaseDetail(phase, state.view, { style: state.style, now })}`;
}

function slowestText(view: View, now: number): string {
  const slowest = view.running.values().next().value;
  return slowest === undefined
    ? ''
    : `; longest: ${slowest.name}, ${slowest.stage} for ${durationText(now - slowest.since)}`;
}

/** Shown in every mode that people read, since the run waits for a person. */
export function pausedLine({ why, wave }: EventOf<'paused'>, view: View): string {
  const command = view.header === null ? '' : `: fleet resume ${view.header.run}`;
  return `${pauseText(why, wave)}${command}`;
}

function gateText({ wave, verdict, hosts }: EventOf<'gate-judged'>): string {
  switch (verdict) {
    case 'pass':
      return `${waveName(wave)}: gate passed`;
    case 'fail':
      return `${waveName(wave)}: gate failed on ${namesText(hosts)}`;
    case 'inconclusive':
      return `${waveName(wave)}: gate inconclusive, no answer from ${namesText(hosts)}`;
  }
}

function hookStart(event: EventOf<'hook-started'>, state: PlainState): readonly string[] {
  const where = event.where === 'bastion' ? 'on this machine' : `on ${event.host}`;
  const line = `hook ${printableLine(event.name)}: started ${where}`;
  return event.key === event.turn ? detail(state, `${event.host}: ${line}`) : [line];
}

/** A hook of one host that fails its host is shown with that host. */
function hookEnd(event: EventOf<'hook-ended'>, state: PlainState): readonly string[] {
  const { failure, name, key, turn, ms, host } = event;
  const line = `hook ${printableLine(name)}: ${failure === null ? 'done' : 'failed'} (${durationText(ms)})`;
  if (key === turn) return detail(state, `${host}: ${line}`);
  if (failure === null || event.ifFails === 'warn') return [line];
  return [line, ...failureBlock(host ?? 'hook', failure, state.style)];
}

const detail = (state: PlainState, line: string): readonly string[] =>
  state.verbosity > 0 ? [line] : [];

const titleOf = ({ phase, wave }: Pick<PhaseView, 'phase' | 'wave'>): string =>
  phaseTitle(phase, wave).toLowerCase();

function hostsText(hosts: readonly HostName[]): string {
  if (hosts.length === 0) return '';
  return `, ${hosts.length <= 10 ? namesText(hosts) : countText(hosts.length, 'host')}`;
}
