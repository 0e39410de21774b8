import type { Notice } from '../notice.js';
import { durationParts } from './duration-parts.js';
import type { Words } from './words.js';

const what = ({ work, group }: Notice): string =>
  work === 'deploy' ? `向 ${group} 的部署` : `${group} 的回滚`;

const waveName = (wave: number): string => (wave === 0 ? '第 1 批（金丝雀）' : `第 ${wave + 1} 批`);

const after =
  (end: string) =>
  (notice: Notice): string =>
    `${notice.app}：${what(notice)}${end}`;

export const ZH: Words = {
  title: {
    start: ({ app, work, group, release, counts }) =>
      work === 'deploy'
        ? `${app}：开始向 ${group} 部署 ${release.version}（${counts.hosts} 台主机）`
        : `${app}：开始将 ${group} 回滚到 ${release.version}（${counts.hosts} 台主机）`,
    paused: (notice) =>
      `${notice.app}：${what(notice)}${notice.wave === null ? '等待另一个人审批' : `已暂停，${waveName(notice.wave)}（共 ${notice.waves} 批）等待审批`}`,
    trip: (notice) =>
      `${notice.app}：${what(notice)}已${notice.wave === null ? '' : `在${waveName(notice.wave)}`}停止`,
    rolled_back: after('失败，主机已回滚'),
    recovery_needed: (notice) =>
      `${notice.app}：${what(notice)}${notice.state === null ? '没有完成' : '结束后有主机停机或状态未知'}，需要人工处理`,
  },
  ended: {
    succeeded: ({ app, work, group, release }) =>
      work === 'deploy'
        ? `${app}：已向 ${group} 部署 ${release.version}`
        : `${app}：已将 ${group} 回滚到 ${release.version}`,
    succeeded_partial: after('成功，但跳过了部分主机'),
    stopped_mixed: after('已停止，各主机的版本不一致'),
    rolled_back: after('失败，主机已回滚'),
    rollback_incomplete: after('结束后有主机停机或状态未知'),
    aborted_clean: after('已停止，没有切换任何主机'),
    refused: after('被拒绝：主机已被锁定或没有应答'),
    paused: after('已暂停'),
    fenced: after('已停止：主机被另一次运行接管'),
  },
  summary: (app, count) => `${app}：有 ${count} 条通知延迟发送`,
  test: (title) => `【测试】${title}`,
  label: {
    release: '版本',
    hosts: '主机',
    stopped: '停止原因',
    by: '操作人',
    reason: '说明',
    duration: '耗时',
    failed: '失败主机',
    next: '下一步',
    run: '运行编号',
  },
  colon: '：',
  counts: ({ hosts, done, back, failed, skipped, unchanged }) =>
    [
      `共 ${hosts} 台，完成 ${done} 台`,
      ...(back > 0 ? [`回滚 ${back} 台`] : []),
      ...(failed > 0 ? [`失败 ${failed} 台`] : []),
      ...(unchanged > 0 ? [`无需变更 ${unchanged} 台`] : []),
      ...(skipped > 0 ? [`跳过 ${skipped} 台`] : []),
    ].join('，'),
  stop: ({ why, hook }, hosts) => {
    switch (why) {
      case 'tripped':
        return `失败的主机超过允许的数量：${hosts}`;
      case 'gate-failed':
        return `批次检查未通过：${hosts}`;
      case 'gate-inconclusive':
        return `批次检查没有得到应答：${hosts}`;
      case 'no-budget':
        return `不能再有主机停止服务，已停止服务的有：${hosts}`;
      case 'hook-failed':
        return `钩子 ${hook ?? ''} 执行失败${hosts === '' ? '' : `：${hosts}`}`;
      case 'fenced':
        return `以下主机已被或可能已被另一次运行接管：${hosts}`;
    }
  },
  duration: (ms) => {
    const { hours, minutes, seconds } = durationParts(ms);
    if (hours > 0) return `${hours} 小时 ${minutes} 分`;
    return minutes > 0 ? `${minutes} 分 ${seconds} 秒` : `${seconds} 秒`;
  },
  more: (shown, left) => `${shown}，另有 ${left} 台`,
  moreHosts: (count) => `另有 ${count} 台`,
  noRelease: '无',
};
