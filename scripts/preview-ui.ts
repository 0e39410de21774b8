/**
 * Shows the interface at work on an invented run, in real time:
 *
 *     npx tsx scripts/preview-ui.ts [HOSTS] [success|canary|mid|unreachable|hold|down] [MODE] [SPEED]
 */
import { createReporter } from '../src/ui/run/reporter.js';
import {
  defaultMode,
  type OutputMode,
  wantsColor,
  wantsUnicode,
} from '../src/ui/terminal/terminal.js';
import { type Scenario, START, syntheticRun } from '../test/ui/support/synthetic-run.js';

const [hosts = '20', scenario = 'success', mode, speed = '1'] = process.argv.slice(2);
const { env, stdout, stderr } = process;
const begun = Date.now();
/** Invented time: the events' clock, at the chosen speed. */
const now = (): number => START + (Date.now() - begun) * Number(speed);

const reporter = createReporter({
  mode: (mode as OutputMode | undefined) ?? defaultMode(env, stderr),
  stdout,
  stderr,
  color: wantsColor(env, stderr),
  unicode: wantsUnicode(env),
  now,
  verbosity: 0,
});
const cpu = process.cpuUsage();
for (const event of syntheticRun(Number(hosts), scenario as Scenario)) {
  const wait = (Date.parse(event.at) - now()) / Number(speed);
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  reporter.listener(event);
}
await reporter.finish();
const { user, system } = process.cpuUsage(cpu);
stderr.write(`\n[${Math.round((user + system) / 1000)} ms of CPU]\n`);
