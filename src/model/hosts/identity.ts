/** Who acts: the name shown to people, and what the system knows of them. */
export interface Identity {
  /** `user@bastion`. The environment may set anything here. */
  readonly operator: string;
  /** The account of this process; null if the password database has none. */
  readonly account: string | null;
  /** Null if the system has no such number. */
  readonly uid: number | null;
  /** Who logged in, before any `sudo` or `su`; null without a login, e.g. in a cron job. */
  readonly loginUid: number | null;
  /** The user before sudo, as sudo says; the environment may set anything here too. */
  readonly sudoUser: string | null;
}
