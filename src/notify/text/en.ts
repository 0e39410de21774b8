import { countText } from '../../model/text/count-text.js';
import type { Notice } from '../notice.js';
import { durationParts } from './duration-parts.js';
import type { Words } from './words.js';

const what = ({ work, group }: Notice): string =>
  work === 'deploy' ? `deploy to ${group}` : `rollback of ${group}`;

const waveOf = (wave: number | null): string =>
  wave === null ? '' : wave === 0 ? ' in wave 1 (canary)' : ` in wave ${wave + 1}`;

const after =
  (end: string) =>
  (notice: Notice): string =>
    `${notice.app}: ${what(notice)} ${end}`;

export const EN: Words = {
  title: {
    start: (notice) => {
      const { app, work, group, release, counts } = notice;
      const hosts = countText(counts.hosts, 'host');
      return work === 'deploy'
        ? `${app}: deploying ${release.version} to ${group} (${hosts})`
        : `${app}: rolling ${group} back to ${release.version} (${hosts})`;
    },
    paused: (notice) =>
      `${notice.app}: ${what(notice)} waits for ${notice.wave === null ? 'the approval of another person' : `approval before wave ${notice.wave + 1} of ${notice.waves}`}`,
    trip: (notice) => `${notice.app}: ${what(notice)} stopped${waveOf(notice.wave)}`,
    rolled_back: after('failed; its hosts are rolled back'),
    recovery_needed: (notice) =>
      `${notice.app}: ${what(notice)} ${notice.state === null ? 'is unfinished' : 'left hosts down or unknown'}; a person is needed`,
  },
  ended: {
    succeeded: ({ app, work, group, release }) =>
      work === 'deploy'
        ? `${app}: ${release.version} is deployed to ${group}`
        : `${app}: ${group} is rolled back to ${release.version}`,
    succeeded_partial: after('succeeded, without the hosts that were skipped'),
    stopped_mixed: after('stopped; the hosts have different releases'),
    rolled_back: after('failed; its hosts are rolled back'),
    rollback_incomplete: after('left hosts down or unknown'),
    aborted_clean: after('stopped before anything was activated'),
    refused: after('was refused: the hosts are locked or did not answer'),
    paused: after('is paused'),
    fenced: after('lost its hosts to another run'),
  },
  summary: (app, count) => `${app}: ${countText(count, 'notice')} had to wait`,
  test: (title) => `[test] ${title}`,
  label: {
    release: 'Release',
    hosts: 'Hosts',
    stopped: 'Stopped',
    by: 'By',
    reason: 'Reason',
    duration: 'Duration',
    failed: 'Failed',
    next: 'Next',
    run: 'Run',
  },
  colon: ': ',
  counts: ({ hosts, done, back, failed, skipped, unchanged }) =>
    [
      `${done} of ${hosts} done`,
      ...(back > 0 ? [`${back} rolled back`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
      ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ].join(', '),
  stop: ({ why, hook }, hosts) => {
    switch (why) {
      case 'tripped':
        return `more hosts failed than tolerated: ${hosts}`;
      case 'gate-failed':
        return `the gate failed on ${hosts}`;
      case 'gate-inconclusive':
        return `the gate got no answer from ${hosts}`;
      case 'no-budget':
        return `no more hosts may leave service; out already: ${hosts}`;
      case 'hook-failed':
        return `the hook ${hook ?? ''} failed${hosts === '' ? '' : ` on ${hosts}`}`;
      case 'fenced':
        return `another run owns, or may own, ${hosts}`;
    }
  },
  duration: (ms) => {
    const { hours, minutes, seconds } = durationParts(ms);
    if (hours > 0) return `${hours} h ${minutes} min`;
    return minutes > 0 ? `${minutes} min ${seconds} s` : `${seconds} s`;
  },
  more: (shown, left) => `${shown} and ${left} more`,
  moreHosts: (count) => `and ${count} more`,
  noRelease: 'none',
};
