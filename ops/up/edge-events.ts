import { Counter, type HttpFault, type Logger, type Registry } from '@bedside/kit';

export type EdgePart = 'core' | 'demo-issuer' | 'pages' | 'operations';

/** What happens at the edge, told to log and metrics. No path is told: paths name visits. */
export const createEdgeEvents = (sinks: { log: Logger; registry: Registry }) => {
  const answers = new Counter({
    name: 'bedside_edge_answers_total',
    help: 'Answered HTTP requests by the part that answered and the class of the status.',
    labelNames: ['part', 'status'] as const,
    registers: [sinks.registry],
  });
  const dropped = new Counter({
    name: 'bedside_edge_dropped_connections_total',
    help: 'Connections refused because too many were open.',
    registers: [sinks.registry],
  });
  const refused = new Counter({
    name: 'bedside_edge_refused_total',
    help: 'Clients refused before anybody looked at what they ask for, by the reason; slow: took no answer.',
    labelNames: ['reason'] as const,
    registers: [sinks.registry],
  });
  return {
    listening: (port: number) => sinks.log.info('edge-listening', { port }),
    answered: (answer: { part: EdgePart; status: number }) =>
      answers.inc({ part: answer.part, status: `${Math.floor(answer.status / 100)}xx` }),
    refused: (reason: HttpFault | 'slow') => refused.inc({ reason }),
    connectionDropped: () => dropped.inc(),
    handlerFailed: (error: unknown) => sinks.log.error('edge-handler-failed', { error }),
  };
};
