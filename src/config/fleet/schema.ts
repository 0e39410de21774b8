import * as z from 'zod';
import { SERVICE_ACTIONS } from '../../model/runs/app.js';
import { FAILURE_POLICIES } from '../../model/runs/policy.js';
import {
  choice,
  duration,
  durationWithin,
  groupName,
  hostFolder,
  labelKey,
  line,
  many,
  oneOrMore,
  port,
  relativePath,
  section,
  size,
  text,
  tolerance,
  whole,
} from '../schema/words.js';
import { LEASE_BOUNDS } from './defaults.js';
import { parseReleaseSource } from './release-source.js';

const unit = text(
  /^(?!-)[A-Za-z0-9:_.\\@-]{1,240}\.(service|socket|timer|target|path)$/,
  'the full name of a systemd unit, such as shop.service',
)
  // systemctl takes neither for the name of a unit, and then shows no other unit either.
  .superRefine((name, context) => {
    const [, template, suffix] = /^([^@]+)@\.([a-z]+)$/.exec(name) ?? [];
    const message =
      template === undefined
        ? `${name} is not the name of a unit: nothing is before the @`
        : `${name} is a template, which is neither started nor restarted: name an instance, such as ${template}@1.${suffix}`;
    if (template !== undefined || name.startsWith('@'))
      context.addIssue({ code: 'custom', message });
  });

const service = section({
  unit: oneOrMore(unit, 'the name of a systemd unit, or a list of them'),
  action: choice(...SERVICE_ACTIONS).optional(),
  scope: choice('system', 'user').optional(),
});

const SOURCE = 'a folder, an archive, git:REF[:SUBDIR] or { url, sha256 }';
const source = z.union(
  [
    z.string().superRefine((value, context) => {
      const parsed = parseReleaseSource(value, { dir: '/', home: '/' });
      if (parsed.kind === 'source') return;
      const { reason, hint } = parsed;
      context.addIssue({ code: 'custom', message: reason, params: { hint } });
    }),
    section({
      url: text(/^https:\/\/[^\s\u0000-\u001f"'<>\\]+$/, 'an https URL'),
      sha256: text(/^[0-9a-fA-F]{64}$/, 'the SHA-256 of the archive, 64 hex digits'),
    }),
  ],
  { error: SOURCE },
);

const release = section({
  from: source.optional(),
  keep: whole(1, 1000).optional(),
  links: z.enum(['inside', 'allow'], { error: 'inside or allow' }).optional(),
});

const probe = z.union(
  [
    z.literal('unit', { error: 'unit' }),
    section({
      http: section({
        url: text(/^https?:\/\/[^\s\u0000-\u001f\u007f"'<>\\`]+$/, 'an http or https URL'),
        status: whole(100, 599).optional(),
        body: line('text that the answer must hold').optional(),
      }).optional(),
      tcp: z
        .union(
          [
            port,
            text(
              /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/,
              'host:port',
            ),
          ],
          {
            error: 'a port, or host:port',
          },
        )
        .optional(),
      command: line('a command on one line').optional(),
    }).refine((value) => Object.keys(value).length === 1, {
      error: 'one probe has one kind: http, tcp or command',
    }),
  ],
  { error: 'unit, or a map with http, tcp or command' },
);

const REST_LAST = 'rest is the last wave, and only once: it takes every host that is left';
const waves = z.union(
  [
    many(
      z.union([size, z.literal('rest'), section({ approve: z.literal(true, { error: 'true' }) })], {
        error: 'a number of hosts such as 2, a percentage such as 25%, or rest',
      }),
      'a list of sizes',
    ).superRefine((sizes, context) => {
      if (sizes.at(-1) !== 'rest') {
        const path = sizes.length === 0 ? [] : [sizes.length - 1];
        context.addIssue({ code: 'custom', message: 'the last wave must be rest', path });
      }
      for (const [index, each] of sizes.slice(0, -1).entries()) {
        if (each === 'rest')
          context.addIssue({ code: 'custom', message: REST_LAST, path: [index] });
      }
    }),
    section({ canary: whole(1, 10_000), per: labelKey }),
  ],
  { error: 'a list such as [1, 25%, rest], or { canary: 1, per: LABEL }' },
);

const onFailure = choice(...FAILURE_POLICIES);
const tolerate = section({ wave: tolerance.optional(), run: tolerance.optional() });
// biome-ignore lint/suspicious/noThenProperty: the word of the file's form; nothing awaits this
const onInconclusive = section({ pause: duration.optional(), then: onFailure.optional() });

const policy = section({
  waves: waves.optional(),
  max_unavailable: size.optional(),
  tolerate: tolerate.optional(),
  tolerate_unreachable: tolerance.optional(),
  min_healthy_time: duration.optional(),
  healthy_deadline: duration.optional(),
  bake: duration.optional(),
  confirm_deadline: duration.optional(),
  lease: durationWithin('a lease', LEASE_BOUNDS).optional(),
  on_failure: onFailure.optional(),
  on_inconclusive: onInconclusive.optional(),
  dead_man: choice('required', 'auto', 'off').optional(),
});

const hook = z.union(
  [line('a command on one line'), section({ local: line('a command on one line') })],
  { error: 'a command, or { local: COMMAND }' },
);
const hookList = many(hook, 'a list of commands').optional();
const hooks = section({
  before_stage: hookList,
  before_activate: hookList,
  after_activate: hookList,
  after_run: hookList,
  on_failure: hookList,
});

const backup = section({
  paths: many(relativePath, 'a list of paths below the root').optional(),
  command: line('a command on one line').optional(),
  keep: whole(1, 1000).optional(),
});

const receiver = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]), {
    error: 'a map of settings',
  })
  .optional();
const notify = many(
  section({
    email: receiver,
    dingtalk: receiver,
    wecom: receiver,
    slack: receiver,
    webhook: receiver,
  }),
  'a list of receivers',
);

const shared = many(relativePath, 'a list of paths').superRefine((paths, context) => {
  const bare = paths.map((path) => path.replace(/\/$/, ''));
  for (const [index, path] of bare.entries()) {
    const above = bare.find((other, at) => at !== index && `${path}/`.startsWith(`${other}/`));
    if (above === undefined || (above === path && bare.indexOf(path) === index)) continue;
    const message =
      above === path ? `${path} is shared twice` : `${path} lies in ${above}, shared too`;
    context.addIssue({ code: 'custom', message, path: [index] });
  }
});

/** What an environment may override: everything but the app's name and where its history is. */
const overrides = {
  root: hostFolder.optional(),
  release: release.optional(),
  shared: shared.optional(),
  probes: many(probe, 'a list of probes').optional(),
  policy: policy.optional(),
  backup: backup.optional(),
  hooks: hooks.optional(),
  notify: notify.optional(),
};

const override = section({ ...overrides, service: service.partial().optional() });

/** `fleet.yaml` as it is written. */
export const fleetSchema = section({
  app: text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name of letters, digits, dots, dashes'),
  ...overrides,
  root: hostFolder,
  service,
  history: text(
    /^(sqlite(:[^\u0000-\u001f]+)?|(postgres|postgresql|mysql|mariadb|redis|rediss):\/\/\S+|(env|file):\S+)$/,
    'sqlite, sqlite:PATH, or the URL of a postgres, mysql or redis server',
  ).optional(),
  environments: z.record(groupName, override, { error: 'a map of group names' }).optional(),
});

export type FleetYaml = z.output<typeof fleetSchema>;
export type OverrideYaml = z.output<typeof override>;
