import { agent, agentIdentity, agentsList, agentWait, modelsList } from './agent.ts';
import { cronList, cronStatus, execApprovalsGet, lastHeartbeat, skillsStatus, wake } from './automation.ts';
import { chatHistory, chatMessageGet } from './chat-history.ts';
import { chatAbort, chatInject, chatSend, sessionsAbort, sessionsSend } from './chat.ts';
import { channelsStatus, configGet, configPatch } from './config.ts';
import {
  diagnosticsStability,
  gatewayIdentity,
  logsTail,
  restartPreflight,
  updateStatus,
  usageCost,
} from './diagnostics.ts';
import {
  devicePairApprove,
  devicePairList,
  devicePairReject,
  devicePairRemove,
  devicePairRename,
  deviceTokenRevoke,
  deviceTokenRotate,
} from './devices.ts';
import { health } from './health.ts';
import type { Method } from './method.ts';
import {
  nodeEvent,
  nodeInvokeResult,
  nodePluginToolsUpdate,
  nodeRunnerInventoryUpdate,
  nodeSkillsUpdate,
} from './node-side.ts';
import {
  nodeDescribe,
  nodeInvoke,
  nodeList,
  nodePairApprove,
  nodePairList,
  nodePairReject,
  nodePairRemove,
  nodeRename,
} from './nodes.ts';
import { sessionsMessagesSubscribe, sessionsMessagesUnsubscribe, sessionsSubscribe } from './sessions-follow.ts';
import { sessionsDescribe, sessionsGet, sessionsList, sessionsPreview, sessionsResolve } from './sessions-read.ts';
import { sessionsCreate, sessionsDelete, sessionsPatch, sessionsReset } from './sessions-write.ts';
import { status } from './status.ts';
import { systemInfo, systemPresence } from './system.ts';

/** Every method of this gateway. `hello-ok.features.methods` is its keys, so nothing is promised that is not here. */
export const METHODS: Readonly<Record<string, Method>> = {
  health,
  status,
  'system-presence': systemPresence,
  'system.info': systemInfo,
  'last-heartbeat': lastHeartbeat,
  wake,
  'gateway.identity.get': gatewayIdentity,
  'gateway.restart.preflight': restartPreflight,
  'diagnostics.stability': diagnosticsStability,
  'update.status': updateStatus,
  'usage.cost': usageCost,
  'logs.tail': logsTail,
  'config.get': configGet,
  'config.patch': configPatch,
  'channels.status': channelsStatus,
  'agents.list': agentsList,
  'agent.identity.get': agentIdentity,
  agent,
  'agent.wait': agentWait,
  'models.list': modelsList,
  'cron.list': cronList,
  'cron.status': cronStatus,
  'skills.status': skillsStatus,
  'exec.approvals.get': execApprovalsGet,
  'sessions.list': sessionsList,
  'sessions.describe': sessionsDescribe,
  'sessions.resolve': sessionsResolve,
  'sessions.preview': sessionsPreview,
  'sessions.get': sessionsGet,
  'sessions.create': sessionsCreate,
  'sessions.patch': sessionsPatch,
  'sessions.reset': sessionsReset,
  'sessions.delete': sessionsDelete,
  'sessions.send': sessionsSend,
  'sessions.abort': sessionsAbort,
  'sessions.subscribe': sessionsSubscribe,
  'sessions.messages.subscribe': sessionsMessagesSubscribe,
  'sessions.messages.unsubscribe': sessionsMessagesUnsubscribe,
  'chat.send': chatSend,
  'chat.abort': chatAbort,
  'chat.inject': chatInject,
  'chat.history': chatHistory,
  'chat.message.get': chatMessageGet,
  'device.pair.list': devicePairList,
  'device.pair.approve': devicePairApprove,
  'device.pair.reject': devicePairReject,
  'device.pair.remove': devicePairRemove,
  'device.pair.rename': devicePairRename,
  'device.token.rotate': deviceTokenRotate,
  'device.token.revoke': deviceTokenRevoke,
  'node.pair.list': nodePairList,
  'node.pair.approve': nodePairApprove,
  'node.pair.reject': nodePairReject,
  'node.pair.remove': nodePairRemove,
  'node.list': nodeList,
  'node.describe': nodeDescribe,
  'node.rename': nodeRename,
  'node.invoke': nodeInvoke,
  'node.invoke.result': nodeInvokeResult,
  'node.event': nodeEvent,
  'node.skills.update': nodeSkillsUpdate,
  'node.pluginTools.update': nodePluginToolsUpdate,
  'node.runnerInventory.update': nodeRunnerInventoryUpdate,
};
