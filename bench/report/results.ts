import * as z from 'zod';

export const JOBS = ['deploy', 'rollback'] as const;
export type Job = (typeof JOBS)[number];

export const TOOL_NAMES = [
  'fleet',
  'ssh loop',
  'ssh loop, cheap kex',
  'clush',
  'sshkit',
  'sshkit, one execute',
  'ansible',
  'ansible + mitogen',
] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

const sample = z.object({
  tool: z.enum(TOOL_NAMES),
  job: z.enum(JOBS),
  hosts: z.int(),
  /** Milliseconds of round-trip time; 0 is without the proxy. */
  rtt: z.number(),
  round: z.int(),
  /** Seconds. */
  wall: z.number(),
  cpu: z.number(),
  /** Bytes: the most that the whole tree held at one time, and its largest process. */
  memory: z.number(),
  largest: z.number(),
  /** Of the middle host; null where no proxy counted. */
  roundTrips: z.nullable(z.number()),
  connections: z.nullable(z.number()),
  /** The machine's load average just before. */
  load: z.number(),
  at: z.string(),
});
/** One run of one tool. */
export type Sample = Readonly<z.infer<typeof sample>>;

const failure = z.object({
  ...{ tool: z.enum(TOOL_NAMES), job: z.enum(JOBS), hosts: z.int(), rtt: z.number() },
  message: z.string(),
});
/** A tool that did not do the work, or not all of it. */
export type Failure = Readonly<z.infer<typeof failure>>;

const growthPoint = z.object({
  job: z.enum(JOBS),
  waves: z.string(),
  forks: z.number(),
  hosts: z.int(),
  /** Milliseconds of the controller's CPU, without the hosts in memory. */
  cpuMs: z.number(),
  wallMs: z.number(),
  /** Bytes of the controller at its peak. */
  peakBytes: z.number(),
});
/** One command over hosts in memory, as `bench/growth` measures it. */
export type GrowthPoint = Readonly<z.infer<typeof growthPoint>>;
export const growthFileSchema = z.object({ figures: z.array(growthPoint) });

export const resultsSchema = z.object({
  schemaVersion: z.literal(1),
  machine: z.record(z.string(), z.string()),
  versions: z.partialRecord(z.enum(TOOL_NAMES), z.string()),
  commands: z.array(z.string()),
  samples: z.array(sample),
  failures: z.array(failure),
  growth: z.array(growthPoint),
});
/** All that a report is made of. */
export type Results = Readonly<z.infer<typeof resultsSchema>>;

export const NO_RESULTS: Results = {
  schemaVersion: 1,
  machine: {},
  versions: {},
  commands: [],
  samples: [],
  failures: [],
  growth: [],
};

/** One place of the tables: what is compared is compared within it. */
export interface Cell {
  readonly job: Job;
  readonly hosts: number;
  readonly rtt: number;
}

export function inCell(one: Cell, { job, hosts, rtt }: Cell): boolean {
  return one.job === job && one.hosts === hosts && one.rtt === rtt;
}
