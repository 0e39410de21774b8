/** Who acts: the name that is shown to people, and what the system says beside it. */
export interface Identity {
  /** `user@bastion`. The environment may say anything here. */
  readonly operator: string;
  /** The account that this process runs as; null where the password database has none. */
  readonly account: string | null;
  /** Null where the system has no such number. */
  readonly uid: number | null;
  /** Who logged in, before any `sudo` or `su`; null where there was no login, as for a job of cron. */
  readonly loginUid: number | null;
  /** Whom sudo names; the environment may say anything here too. */
  readonly sudoUser: string | null;
}
