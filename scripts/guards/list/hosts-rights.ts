import type { Guard } from '../guard.js';

const RULES = 'src/host/program/39-sudo-rules.sh';
const MATCH = 'src/host/program/39-sudo-match.sh';
const FAST = 'test/host/sudo-rules.test.ts';

/** What doctor and preflight call allowed works. */
export const HOSTS_RIGHTS_GUARDS: readonly Guard[] = [
  {
    name: 'rights: the last rule counts',
    protects: 'a rule that wants a password is not passed over for one before it that wants none',
    file: RULES,
    find: '        RIGHT=$rule_tag right_doubts=\n',
    without: '        [ "$RIGHT" = yes ] || RIGHT=$rule_tag right_doubts=\n',
    noticedBy: [`${FAST} > is overruled by the last rule that is about it`],
  },
  {
    name: 'rights: a password of one rule',
    protects: 'a rule without NOPASSWD is not taken for one that needs none',
    file: RULES,
    find: 'rules_default=password\n',
    without: 'rules_default=yes\n',
    noticedBy: [`${FAST} > is password by the last rule that is about it`],
  },
  {
    name: 'rights: a rule that cannot be read',
    protects: 'what the listing leaves open is not called allowed',
    file: RULES,
    find: '      *) rule_for=root rule_sure=0 ;;',
    without: '      *) rule_for=root ;;',
    noticedBy: [`${FAST} > is not known where a rule cannot be read`],
  },
  {
    name: 'rights: settings of single commands',
    protects: 'Defaults of a command or of who runs it come before a rule',
    file: RULES,
    find: '  case $RIGHT in yes | password) ! is_odd "$right_name" || RIGHT=unknown ;; esac',
    without: '  :',
    noticedBy: [`${FAST} > is not known where a rule cannot be read`],
  },
  {
    name: 'rights: a password typed before',
    protects: 'what runs out in a quarter of an hour is not taken for a right',
    file: RULES,
    find: 'rules_text=$(sudo -k -n -ll 2>/dev/null',
    without: 'rules_text=$(sudo -n -ll 2>/dev/null',
    noticedBy: [`${FAST} > does not hang on a password that was typed before`],
  },
  {
    name: 'rights: another unit of a like name',
    protects: 'a rule for one unit is not taken for one of another',
    file: MATCH,
    find: '    *) return 1 ;;\n  esac\n  # shellcheck',
    without: '    *) return 0 ;;\n  esac\n  # shellcheck',
    noticedBy: [`${FAST} > is denied by the last rule that is about it`],
  },
  {
    name: 'preflight: every host in one refusal',
    protects: 'a host that cannot be reached does not hide what is wrong with the others',
    file: 'src/engine/admit.ts',
    find: '...missing, ...hosts.flatMap(',
    without: '...missing, ...(missing.length > 0 ? [] : hosts).flatMap(',
    noticedBy: ['test/engine/admit.test.ts > tells of every problem of every host'],
  },
];
