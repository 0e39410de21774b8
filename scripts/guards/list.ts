import type { Guard } from './guard.js';
import { ADMISSION_GUARDS } from './list/admission.js';
import { BASTION_GUARDS } from './list/bastion.js';
import { ENGINE_GUARDS } from './list/engine.js';
import { HOST_CALL_GUARDS } from './list/host-calls.js';
import { HOST_CLAIM_GUARDS } from './list/host-claims.js';
import { HOST_HEALTH_GUARDS } from './list/host-health.js';
import { HOST_PHASE_GUARDS } from './list/host-phases.js';
import { HOST_RELEASE_GUARDS } from './list/host-release.js';
import { HOST_STAGE_GUARDS } from './list/host-stage.js';
import { HOST_SWITCH_GUARDS } from './list/host-switch.js';
import { BACK_GUARDS } from './list/hosts-back.js';
import { HOSTS_BUDGET_GUARDS } from './list/hosts-budget.js';
import { HOSTS_INI_GUARDS } from './list/hosts-ini.js';
import { PEOPLE_GUARDS } from './list/hosts-people.js';
import { HOSTS_SERVING_GUARDS } from './list/hosts-serving.js';
import { HOSTS_SSH_GUARDS } from './list/hosts-sshrel.js';
import { HOSTS_UNIT_GUARDS } from './list/hosts-units.js';
import { HOSTS_USERLAND_GUARDS } from './list/hosts-userland.js';
import { ROLLOUT_GUARDS } from './list/rollout.js';
import { ROLLOUT_END_GUARDS } from './list/rollout-ends.js';
import { SECURITY_KEX_GUARDS } from './list/security-kex.js';
import { SECURITY_LIES_GUARDS } from './list/security-lies.js';
import { SECURITY_LIFE_GUARDS } from './list/security-life.js';
import { SECURITY_REPLY_GUARDS } from './list/security-reply.js';
import { ROOT_GUARDS } from './list/security-root.js';
import { SECURITY_SOURCE_GUARDS } from './list/security-source.js';
import { STRICT_GUARDS } from './list/security-strict.js';
import { TRANSPORT_GUARDS } from './list/transport.js';

/** Every guard there is, from the host outwards. */
export const GUARDS: readonly Guard[] = [
  ...HOST_CLAIM_GUARDS,
  ...HOST_PHASE_GUARDS,
  ...HOST_SWITCH_GUARDS,
  ...HOST_STAGE_GUARDS,
  ...HOST_RELEASE_GUARDS,
  ...BACK_GUARDS,
  ...HOST_CALL_GUARDS,
  ...HOST_HEALTH_GUARDS,
  ...HOSTS_UNIT_GUARDS,
  ...HOSTS_USERLAND_GUARDS,
  ...HOSTS_SERVING_GUARDS,
  ...TRANSPORT_GUARDS,
  ...HOSTS_SSH_GUARDS,
  ...SECURITY_KEX_GUARDS,
  ...ROLLOUT_GUARDS,
  ...HOSTS_BUDGET_GUARDS,
  ...ROLLOUT_END_GUARDS,
  ...ADMISSION_GUARDS,
  ...ENGINE_GUARDS,
  ...BASTION_GUARDS,
  ...SECURITY_SOURCE_GUARDS,
  ...SECURITY_LIES_GUARDS,
  ...SECURITY_REPLY_GUARDS,
  ...ROOT_GUARDS,
  ...STRICT_GUARDS,
  ...SECURITY_LIFE_GUARDS,
  ...PEOPLE_GUARDS,
  ...HOSTS_INI_GUARDS,
];
