import { shortLine } from '../../errors/printable.js';
import type { CiActor } from '../../model/hosts/person.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** A CI system: how its jobs are known, and where each says who started it. The first that is set counts. */
interface CiSystem {
  readonly name: string;
  readonly mark: readonly string[];
  readonly actor: readonly string[];
  readonly actorId: readonly string[];
  readonly job: (env: Environment) => string | undefined;
}

const first = (env: Environment, names: readonly string[]): string | undefined =>
  names.map((name) => env[name]).find((value) => value !== undefined && value.trim() !== '');

/** Who started this attempt comes before who started the first one. E-mail addresses come last. */
const SYSTEMS: readonly CiSystem[] = [
  {
    name: 'github',
    mark: ['GITHUB_ACTIONS'],
    actor: ['GITHUB_TRIGGERING_ACTOR', 'GITHUB_ACTOR'],
    actorId: [],
    job: githubJob,
  },
  {
    name: 'gitlab',
    mark: ['GITLAB_CI'],
    actor: ['GITLAB_USER_LOGIN', 'GITLAB_USER_NAME', 'GITLAB_USER_EMAIL'],
    actorId: ['GITLAB_USER_ID'],
    job: (env) => first(env, ['CI_JOB_URL', 'CI_JOB_ID']),
  },
  {
    name: 'buildkite',
    mark: ['BUILDKITE'],
    actor: ['BUILDKITE_BUILD_CREATOR', 'BUILDKITE_BUILD_AUTHOR', 'BUILDKITE_BUILD_CREATOR_EMAIL'],
    actorId: [],
    job: (env) => first(env, ['BUILDKITE_BUILD_URL', 'BUILDKITE_BUILD_ID']),
  },
  {
    name: 'jenkins',
    mark: ['JENKINS_URL', 'JENKINS_HOME'],
    actor: ['BUILD_USER_ID', 'BUILD_USER', 'BUILD_USER_EMAIL'],
    actorId: [],
    job: (env) => first(env, ['BUILD_URL', 'BUILD_TAG']),
  },
  {
    name: 'azure',
    mark: ['TF_BUILD'],
    actor: ['BUILD_REQUESTEDFOR', 'BUILD_REQUESTEDFOREMAIL'],
    actorId: ['BUILD_REQUESTEDFORID'],
    job: azureJob,
  },
  {
    name: 'circleci',
    mark: ['CIRCLECI'],
    actor: ['CIRCLE_USERNAME'],
    actorId: [],
    job: (env) => first(env, ['CIRCLE_BUILD_URL', 'CIRCLE_WORKFLOW_JOB_ID']),
  },
  {
    name: 'bitbucket',
    mark: ['BITBUCKET_BUILD_NUMBER'],
    actor: ['BITBUCKET_STEP_TRIGGERER_UUID'],
    actorId: ['BITBUCKET_STEP_TRIGGERER_UUID'],
    job: (env) => first(env, ['BITBUCKET_BUILD_NUMBER']),
  },
];

const LONGEST_NAME = 120;
const LONGEST_JOB = 300;

/** Who started this job; null outside of the CI systems that fleet knows. No token is read. */
export function ciActor(env: Environment): CiActor | null {
  const system = SYSTEMS.find(({ mark }) => first(env, mark) !== undefined);
  if (system === undefined) return null;
  const text = (value: string | undefined, most: number): string | null =>
    value === undefined ? null : shortLine(value, most);
  return {
    system: system.name,
    actor: text(first(env, system.actor), LONGEST_NAME),
    actorId: text(first(env, system.actorId), LONGEST_NAME),
    job: text(withoutLogin(system.job(env)), LONGEST_JOB),
  };
}

function githubJob(env: Environment): string | undefined {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT } = env;
  if (GITHUB_SERVER_URL === undefined || GITHUB_REPOSITORY === undefined) return GITHUB_RUN_ID;
  const attempt = GITHUB_RUN_ATTEMPT === undefined ? '' : `/attempts/${GITHUB_RUN_ATTEMPT}`;
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}${attempt}`;
}

function azureJob(env: Environment): string | undefined {
  const {
    SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: base,
    SYSTEM_TEAMPROJECT: project,
    BUILD_BUILDID,
  } = env;
  if (base === undefined || project === undefined) return BUILD_BUILDID;
  return `${base}${encodeURIComponent(project)}/_build/results?buildId=${BUILD_BUILDID}`;
}

/** A server behind a login may be named with it: https://user:password@jenkins/… */
const withoutLogin = (url: string | undefined): string | undefined =>
  url?.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1');
