import { Router } from 'express';

import type { AgentRoster } from '../agents/agent.ts';

interface ModelObject {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: string;
  readonly permission: readonly never[];
}

/** `/v1/models`: the agents, under the names that programs of the OpenAI API give as their model. */
export function modelRoutes(agents: AgentRoster): Router {
  const router = Router();
  const models = toModels(agents);
  // Asked for by every program at its start, and always the same: written once, head and all.
  const list = Buffer.from(JSON.stringify({ object: 'list', data: models }));
  const head = { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': list.length };
  router.get('/models', (_request, response) => {
    response.writeHead(200, head).end(list);
  });
  router.get('/models/*id', (request, response, next) => {
    const { id } = request.params as unknown as { readonly id: readonly string[] };
    const model = models.find((each) => each.id === id.join('/'));
    if (model === undefined) return next();
    return response.json(model);
  });
  return router;
}

/** `openclaw` and `openclaw/default` stand for the agent that answers where none is named. */
function toModels({ all }: AgentRoster): readonly ModelObject[] {
  const ids = ['openclaw', 'openclaw/default', ...all.map(({ id }) => `openclaw/${id}`)];
  return ids.map((id) => ({ id, object: 'model', created: 0, owned_by: 'openclaw', permission: [] }));
}
