import * as z from 'zod';
import { groupName, hostFolder, many, oneOrMore, section, text } from '../schema/words.js';
import { approvals, requireReason } from './sections/approvals.js';
import { backup } from './sections/backup.js';
import { build } from './sections/build.js';
import { hooks } from './sections/hooks.js';
import { notify } from './sections/notify.js';
import { policy } from './sections/policy.js';
import { probe } from './sections/probe.js';
import { release } from './sections/release.js';
import { service } from './sections/service.js';
import { shared } from './sections/shared.js';

/** What an environment may override: everything but the app's name and where its history is. */
const overrides = {
  root: hostFolder.optional(),
  release: release.optional(),
  build: build.optional(),
  shared: shared.optional(),
  probes: many(probe, 'a list of probes').optional(),
  policy: policy.optional(),
  backup: backup.optional(),
  hooks: hooks.optional(),
  notify: notify.optional(),
};

const override = section({ ...overrides, service: service.partial().optional() });

const appName = text(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  'a name of letters, digits, dots, dashes',
);

const groups = oneOrMore(groupName, 'the name of a group, or a list of them').optional();

const environments = z.record(groupName, override, { error: 'a map of group names' }).optional();

/** `fleet.yaml` as it is written, for one app. */
export const fleetSchema = section({
  app: appName,
  groups,
  ...overrides,
  root: hostFolder,
  service,
  approvals: approvals.optional(),
  require_reason: requireReason.optional(),
  history: text(
    /^((sqlite|log)(:[^\u0000-\u001f]+)?|(postgres|postgresql|mysql|mariadb|redis|rediss):\/\/\S+|(env|file):\S+)$/,
    'sqlite, log, either with :PATH, the URL of a postgres, mysql or redis server, or env:NAME or file:PATH for one',
  ).optional(),
  environments,
});

const someOfApp = {
  ...overrides,
  groups,
  service: service.partial().optional(),
  approvals: approvals.optional(),
  require_reason: requireReason.optional(),
  environments,
};

/** The whole file, with one app or several. It is for editors: each app is validated by {@link fleetSchema}. */
export const fleetFileSchema = section({
  app: appName.optional(),
  ...someOfApp,
  history: fleetSchema.shape.history,
  apps: z.record(appName, section(someOfApp).nullable()).optional(),
});

export type FleetYaml = z.output<typeof fleetSchema>;
export type OverrideYaml = z.output<typeof override>;
