import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SICK_FILE } from '../e2e/support/shop-app.js';
import { runCommand } from '../real/support/command.js';
import type { ChaosHost } from './fleet-setup.js';
import { HOOK_MARK } from './hooks.js';
import type { Ledger } from './ledger.js';
import type { Fault } from './scenario.js';

export type HostFault = Extract<Fault, { readonly hosts: readonly string[] }>;

const BALLAST = '.ballast';

/** Breaks a host as the fault says, and mends it after its time. */
export async function inflict(fault: HostFault, host: ChaosHost, ledger: Ledger): Promise<void> {
  switch (fault.kind) {
    case 'link-down':
      await host.host.linkDown();
      await sleep(fault.forMs);
      return host.host.linkUp();
    case 'reboot':
      return reboot(host, ledger, fault.abrupt);
    case 'full-disk':
      return fillDisk(host, ledger, fault.forMs);
    case 'kill-sshd':
      // Of the whole host: the daemon, the sessions, and so every connection that it has.
      await host.host.run('systemctl stop ssh; pkill -KILL -x sshd; true');
      await sleep(fault.forMs);
      return startSshd(host);
    case 'kill-unit':
      ledger.begin(host.name, 'unit-killed')();
      await host.host.run('systemctl kill --signal=KILL shop.service; true');
      return;
    case 'kill-hook':
      return killHook(host, fault.whom, fault.forMs);
    case 'sick-unit':
      return sicken(host, ledger, fault.forMs);
  }
}

/** Mends whatever a fault that was cut short has left. */
export async function mend(host: ChaosHost): Promise<void> {
  await host.host.start();
  await host.host.linkUp();
  rmSync(`${host.root}/${BALLAST}`, { force: true });
  await host.host.run(`rm -f ${SICK_FILE} /home/deploy/veto`);
  await startSshd(host);
}

/** Waits for a hook of this host to begin, for at most that long. Its parent is the step. */
async function killHook(
  { host }: ChaosHost,
  whom: 'command' | 'step' | 'both',
  withinMs: number,
): Promise<void> {
  const script = `
for look in $(seq ${Math.ceil(withinMs / 50)}); do
  for pid in $(pgrep -u deploy -f '^[^ ]*sh -c : ${HOOK_MARK}'); do
    parent=$(ps -o ppid= -p $pid)
    case $parent in *[! 0-9]* | *' 1' | '') continue ;; esac
    ${whom === 'command' ? '' : 'kill -9 $parent'}
    ${whom === 'step' ? '' : 'kill -9 -- -$pid || kill -9 $pid'}
    exit
  done
  sleep 0.05
done`;
  await host.run(script);
}

async function reboot({ host, name }: ChaosHost, ledger: Ledger, abrupt: boolean): Promise<void> {
  ledger.begin(name, 'reboot')();
  const isBack = ledger.begin(name, 'off');
  await host.reboot({ abrupt });
  isBack();
}

async function fillDisk({ root, name }: ChaosHost, ledger: Ledger, forMs: number): Promise<void> {
  const isFree = ledger.begin(name, 'full-disk');
  const file = `${root}/${BALLAST}`;
  const fill = '{ dd if=/dev/zero bs=1M; dd if=/dev/zero bs=4k; } >"$1" 2>/dev/null; true';
  await runCommand('sh', ['-c', fill, 'sh', file]);
  await sleep(forMs);
  rmSync(file, { force: true });
  isFree();
}

async function sicken({ host, name }: ChaosHost, ledger: Ledger, forMs: number): Promise<void> {
  const isWell = ledger.begin(name, 'sick');
  await host.run(`touch ${SICK_FILE}`);
  await sleep(forMs);
  await host.run(`rm -f ${SICK_FILE}`);
  isWell();
}

async function startSshd({ host }: ChaosHost): Promise<void> {
  await host.run(
    'systemctl is-active -q ssh || { systemctl reset-failed ssh; systemctl start ssh; }',
  );
}
