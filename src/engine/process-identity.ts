// Locks of both floors name processes alike.
export {
  livenessOf,
  ownIdentity,
  type ProcessIdentity,
  startTimeOf,
} from '../transport/process-identity.js';
