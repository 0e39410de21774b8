import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../errors/reason.js';
import { replaceFile } from '../files/replace-file.js';
import type { PlanView } from '../model/runs/plan-view.js';
import { dotenvText } from './ci/dotenv.js';
import { annotations, summaryMarkdown } from './ci/github.js';
import { junitXml } from './ci/junit.js';
import { metricsFileName, metricsText } from './metrics.js';
import type { TelemetryReader } from './reader.js';
import { createReportBuilder, type RunReport } from './run-report.js';

export interface ReportReaderOptions {
  readonly metricsDir?: string | null;
  readonly junit?: string | null;
  readonly dotenv?: string | null;
  /** The environment of a GitHub job; null outside of one. */
  readonly github?: Readonly<Record<string, string | undefined>> | null;
  /** The plan of a run that another process began, of which only the end is to come. */
  readonly begun: PlanView | null;
  readonly warn: (message: string) => void;
  /** Writes a line where a CI system reads commands. */
  readonly say: (line: string) => void;
}

/** Writes files about a run at its end; also where this process leaves it without one. */
export function createReportReader(options: ReportReaderOptions): TelemetryReader {
  const builder = createReportBuilder(options.begun);
  return {
    listener: builder.hear,
    async close() {
      const report = builder.report();
      if (report === null) return;
      const attempt = (what: string, work: () => void): void => {
        try {
          work();
        } catch (error) {
          options.warn(`${what} was not written: ${reasonOf(error)}`);
        }
      };
      for (const [what, work] of worksOf(report, options)) attempt(what, work);
    },
  };
}

type Work = readonly [what: string, work: () => void];

function worksOf(report: RunReport, options: ReportReaderOptions): readonly Work[] {
  const { metricsDir, junit, dotenv, github, say } = options;
  const summary = github?.GITHUB_STEP_SUMMARY ?? '';
  return [
    ...file(junit, (path) => replaceFile(path, junitXml(report), PUBLIC)),
    ...file(dotenv, (path) => replaceFile(path, dotenvText(report), PUBLIC)),
    ...file(report.state === null ? null : metricsDir, (dir) => writeMetrics(dir, report)),
    ...file(summary === '' ? null : summary, (path) => addSummary(path, report)),
    ...file(github == null ? null : 'annotations', () => annotations(report).forEach(say)),
  ];
}

const PUBLIC = 0o644;
/** GitHub drops a larger summary as a whole. */
const MOST_SUMMARY_BYTES = 1024 * 1024;

const file = (path: string | null | undefined, work: (path: string) => void): readonly Work[] =>
  path == null ? [] : [[path, () => work(path)]];

function writeMetrics(dir: string, report: RunReport): void {
  const path = join(dir, metricsFileName(report.plan));
  replaceFile(path, metricsText(report, textOf(path)), PUBLIC);
}

/** Other commands of the step may have written there before. */
function addSummary(path: string, report: RunReport): void {
  const used = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const room = MOST_SUMMARY_BYTES - used;
  appendFileSync(path, summaryMarkdown(report, room));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
