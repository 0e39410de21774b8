import type { ReceiverKind, ReceiverSettings } from '../config/fleet/sections/receivers/forms.js';
import { dingtalkAdapter } from './adapters/dingtalk.js';
import { feishuAdapter } from './adapters/feishu.js';
import { mailChannel } from './adapters/mail.js';
import { slackAdapter } from './adapters/slack.js';
import { teamsAdapter } from './adapters/teams.js';
import { webhookAdapter } from './adapters/webhook.js';
import { wecomAdapter } from './adapters/wecom.js';
import type { Channel } from './channel.js';
import { httpChannel } from './http-adapter.js';

/** How each kind of receiver is reached. One that has a form and no channel does not compile. */
export const CHANNELS: { readonly [Kind in ReceiverKind]: Channel<ReceiverSettings[Kind]> } = {
  webhook: httpChannel(webhookAdapter),
  email: mailChannel,
  dingtalk: httpChannel(dingtalkAdapter),
  wecom: httpChannel(wecomAdapter),
  feishu: httpChannel(feishuAdapter),
  slack: httpChannel(slackAdapter),
  teams: httpChannel(teamsAdapter),
};
