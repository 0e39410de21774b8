import { parseArgs } from 'node:util';
import { JOBS, type Job, TOOL_NAMES, type ToolName } from './report/results.js';

export const USAGE = `usage: npm run bench -- [OPTION]…
  --hosts N,…         sizes of the fleet (50)
  --rtt MS,…          round-trip times; 0 is without a proxy (0)
  --rounds N          turns of each tool (3)
  --slow-rounds N     turns of Ansible (1)
  --slow-hosts N      Ansible only on so many hosts (no limit)
  --tools NAME,…      ${TOOL_NAMES.join('; ')} (the first three)
  --jobs NAME,…       deploy, rollback (both)
  --out FILE.md       writes the report there, its data and plots beside it; what is there of other
                      sizes and tools stays
  --full              all that docs/performance.md shows, there
  --few               1 and 2 hosts at 0, 50 and 200 ms beside the ssh loop, 10 rounds: nothing contends
  --growth            1, 100, 1,000 and 5,000 hosts in memory instead
  --delta             a release of 50 MB of which 5 % changed, beside the whole of it and rsync (20 hosts;
                      --hosts, --rtt and --rounds as above, one of each)
  --uploads           500 MB to 50 hosts at once that read it over SSH and keep nothing: memory, CPU, time
  --render FILE.json  only writes the report of that data anew`;

/** Which tools are measured at what. */
export interface Comparison {
  readonly hosts: readonly number[];
  /** Round-trip times in ms; 0 is without the proxy. */
  readonly rtts: readonly number[];
  readonly tools: readonly ToolName[];
  readonly jobs: readonly Job[];
  readonly rounds: number;
  readonly slowRounds: number;
  /** Slow tools are left out where there are more hosts than that. */
  readonly slowHosts: number;
}

/** What a call of the benchmark asks for; `data` is the JSON file, beside which the report goes. */
export type BenchRequest =
  | { readonly kind: 'compare'; readonly comparison: Comparison; readonly data: string | undefined }
  | { readonly kind: 'growth'; readonly data: string }
  | {
      readonly kind: 'delta';
      readonly hosts: number;
      readonly rtt: number;
      readonly rounds: number;
      readonly data: undefined;
    }
  | {
      readonly kind: 'uploads';
      readonly hosts: number;
      readonly rounds: number;
      readonly data: undefined;
    }
  | { readonly kind: 'render'; readonly data: string };

const PUBLISHED = 'docs/performance.json';
/** Where neither hosts nor controller wait for a CPU: what is left is round trips and the start. */
const FEW = { hosts: [1, 2], rtts: [0, 50, 200], tools: TOOL_NAMES.slice(0, 2), rounds: '10' };
const FULL_HOSTS = [10, 50, 100, 200];
const FULL_RTTS = [0, 50];

/** Reads the command line; throws, with a sentence for a person, where it makes no sense. */
export function parseRequest(args: readonly string[]): BenchRequest {
  const { values } = parseArgs({
    args: [...args],
    options: {
      hosts: { type: 'string' },
      rtt: { type: 'string' },
      rounds: { type: 'string' },
      'slow-rounds': { type: 'string', default: '1' },
      'slow-hosts': { type: 'string', default: 'Infinity' },
      tools: { type: 'string' },
      jobs: { type: 'string' },
      out: { type: 'string' },
      render: { type: 'string' },
      full: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      few: { type: 'boolean', default: false },
      delta: { type: 'boolean', default: false },
      uploads: { type: 'boolean', default: false },
    },
  });
  const { full } = values;
  const few = values.few ? FEW : undefined;
  const data = values.out?.replace(/\.md$/, '.json') ?? (full ? PUBLISHED : undefined);
  if (values.render !== undefined) return { kind: 'render', data: values.render };
  if (values.growth) return { kind: 'growth', data: data ?? PUBLISHED };
  if (values.delta) {
    const [hosts = 20] = numbers(values.hosts, [20]);
    const [rtt = 0] = numbers(values.rtt, [0]);
    return { kind: 'delta', hosts, rtt, rounds: number(values.rounds ?? '3'), data: undefined };
  }
  if (values.uploads) {
    const [hosts = 50] = numbers(values.hosts, [50]);
    return { kind: 'uploads', hosts, rounds: number(values.rounds ?? '1'), data: undefined };
  }
  const comparison = {
    hosts: numbers(values.hosts, few?.hosts ?? (full ? FULL_HOSTS : [50])),
    rtts: numbers(values.rtt, few?.rtts ?? (full ? FULL_RTTS : [0])),
    tools: chosen(
      values.tools,
      TOOL_NAMES,
      few?.tools ?? (full ? TOOL_NAMES : TOOL_NAMES.slice(0, 3)),
    ),
    jobs: chosen(values.jobs, JOBS, JOBS),
    rounds: number(values.rounds ?? few?.rounds ?? '3'),
    slowRounds: number(values['slow-rounds']),
    slowHosts: number(values['slow-hosts']),
  };
  return { kind: 'compare', comparison, data };
}

function numbers(text: string | undefined, otherwise: readonly number[]): readonly number[] {
  return text?.split(',').map(number) ?? otherwise;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new Error(`${text} is not a number of anything`);
  return value;
}

/** In the order of `all`. Names are told apart by commas without a space, for one has a comma in it. */
function chosen<Name extends string>(
  text: string | undefined,
  all: readonly Name[],
  otherwise: readonly Name[],
): readonly Name[] {
  if (text === undefined) return otherwise;
  const wanted = text.split(/,(?! )/).map((name) => name.trim());
  const unknown = wanted.find((name) => !all.some((each) => each === name));
  if (unknown !== undefined) throw new Error(`no ${unknown}; there are: ${all.join('; ')}`);
  return all.filter((name) => wanted.includes(name));
}
