import { ADMISSION_MUTATIONS } from './list/admission.js';
import { APPROVAL_MUTATIONS } from './list/approvals.js';
import { BASTION_MUTATIONS } from './list/bastion.js';
import { ENGINE_MUTATIONS } from './list/engine.js';
import { HISTORY_STORES_MUTATIONS } from './list/history-stores.js';
import { HOOK_MUTATIONS } from './list/hooks.js';
import { HOST_ADOPT_MUTATIONS } from './list/host-adopt.js';
import { HOST_BACKUP_MUTATIONS } from './list/host-backup.js';
import { HOST_CALL_MUTATIONS } from './list/host-calls.js';
import { HOST_CLAIM_MUTATIONS } from './list/host-claims.js';
import { HOST_DELTA_MUTATIONS } from './list/host-delta.js';
import { HOST_DRIFT_MUTATIONS } from './list/host-drift.js';
import { HOST_HEALTH_MUTATIONS } from './list/host-health.js';
import { HOST_PHASE_MUTATIONS } from './list/host-phases.js';
import { HOST_RELEASE_MUTATIONS } from './list/host-release.js';
import { HOST_STAGE_MUTATIONS } from './list/host-stage.js';
import { HOST_SWITCH_MUTATIONS } from './list/host-switch.js';
import { UNIT_FILE_MUTATIONS } from './list/host-unit-files.js';
import { HOST_UPLOAD_MUTATIONS } from './list/host-upload.js';
import { BACK_MUTATIONS } from './list/hosts-back.js';
import { HOSTS_BUDGET_MUTATIONS } from './list/hosts-budget.js';
import { HOSTS_INI_MUTATIONS } from './list/hosts-ini.js';
import { PEOPLE_MUTATIONS } from './list/hosts-people.js';
import { HOSTS_SERVING_MUTATIONS } from './list/hosts-serving.js';
import { HOSTS_SSH_MUTATIONS } from './list/hosts-sshrel.js';
import { HOSTS_UNIT_MUTATIONS } from './list/hosts-units.js';
import { HOSTS_USERLAND_MUTATIONS } from './list/hosts-userland.js';
import { NOTIFY_MUTATIONS } from './list/notify.js';
import { PLAN_FILE_MUTATIONS } from './list/plan-file.js';
import { ROLLOUT_MUTATIONS } from './list/rollout.js';
import { ROLLOUT_END_MUTATIONS } from './list/rollout-ends.js';
import { SECURITY_KEX_MUTATIONS } from './list/security-kex.js';
import { SECURITY_LIES_MUTATIONS } from './list/security-lies.js';
import { SECURITY_LIFE_MUTATIONS } from './list/security-life.js';
import { SECURITY_REPLY_MUTATIONS } from './list/security-reply.js';
import { ROOT_MUTATIONS } from './list/security-root.js';
import { SECURITY_SOURCE_MUTATIONS } from './list/security-source.js';
import { STRICT_MUTATIONS } from './list/security-strict.js';
import { SHARED_MUTATIONS } from './list/shared.js';
import { TRANSPORT_MUTATIONS } from './list/transport.js';
import type { Mutation } from './mutation.js';

/** Every mutation, from the host outwards. */
export const MUTATIONS: readonly Mutation[] = [
  ...HOST_CLAIM_MUTATIONS,
  ...HOOK_MUTATIONS,
  ...NOTIFY_MUTATIONS,
  ...HOST_PHASE_MUTATIONS,
  ...HOST_SWITCH_MUTATIONS,
  ...UNIT_FILE_MUTATIONS,
  ...HOST_STAGE_MUTATIONS,
  ...HOST_DELTA_MUTATIONS,
  ...HOST_UPLOAD_MUTATIONS,
  ...HOST_DRIFT_MUTATIONS,
  ...HOST_RELEASE_MUTATIONS,
  ...HOST_ADOPT_MUTATIONS,
  ...HOST_BACKUP_MUTATIONS,
  ...BACK_MUTATIONS,
  ...HOST_CALL_MUTATIONS,
  ...HOST_HEALTH_MUTATIONS,
  ...HOSTS_UNIT_MUTATIONS,
  ...HOSTS_USERLAND_MUTATIONS,
  ...HOSTS_SERVING_MUTATIONS,
  ...TRANSPORT_MUTATIONS,
  ...HOSTS_SSH_MUTATIONS,
  ...SECURITY_KEX_MUTATIONS,
  ...ROLLOUT_MUTATIONS,
  ...HOSTS_BUDGET_MUTATIONS,
  ...ROLLOUT_END_MUTATIONS,
  ...ADMISSION_MUTATIONS,
  ...APPROVAL_MUTATIONS,
  ...ENGINE_MUTATIONS,
  ...BASTION_MUTATIONS,
  ...SECURITY_SOURCE_MUTATIONS,
  ...SECURITY_LIES_MUTATIONS,
  ...SECURITY_REPLY_MUTATIONS,
  ...ROOT_MUTATIONS,
  ...STRICT_MUTATIONS,
  ...HISTORY_STORES_MUTATIONS,
  ...SECURITY_LIFE_MUTATIONS,
  ...PEOPLE_MUTATIONS,
  ...HOSTS_INI_MUTATIONS,
  ...PLAN_FILE_MUTATIONS,
  ...SHARED_MUTATIONS,
];
