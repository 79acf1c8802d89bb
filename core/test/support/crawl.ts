import { randomUUID } from 'node:crypto';
import type { Answer, Browser } from './browser.ts';

/** What is needed of an OpenAPI document to ask for all that it describes. */
export interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}
interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
}
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
}

/** Values for the members and parameters of these names; where there is none, one is made up by the schema. */
export type Known = Readonly<Record<string, unknown>>;

/** One request and its answer. */
export interface Exchange {
  readonly who: string;
  /** `<METHOD> <path template>`, or what was sent where no route is meant. */
  readonly route: string;
  readonly answer: Answer;
  readonly requestId: string;
}

export interface RouteTemplate {
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly operation: Operation;
}

export const routesOf = (document: Described): RouteTemplate[] =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      key: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );

interface Filling {
  readonly document: Described;
  readonly known: Known;
  readonly text: string;
}

const sampleObject = (schema: Schema, filling: Filling): unknown => {
  const members = Object.entries(schema.properties ?? {}).map(([name, inner]) => [
    name,
    name in filling.known ? filling.known[name] : sample(inner, filling),
  ]);
  const { additionalProperties: further } = schema;
  return Object.fromEntries([...members, ...(typeof further === 'object' ? [['why', sample(further, filling)]] : [])]);
};

const sampleText = ({ format, maxLength }: Schema, { known, text }: Filling): unknown => {
  if (format === 'uuid') return randomUUID();
  if (format === 'date-time') return known.startsAt;
  if (format === 'date') return '2026-03-03';
  return text.slice(0, maxLength ?? 200);
};

const sampleOfType = (schema: Schema, filling: Filling): unknown => {
  switch ([schema.type].flat()[0]) {
    case 'object':
      return sampleObject(schema, filling);
    case 'array':
      return schema.items === undefined ? [] : [sample(schema.items, filling)];
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    default:
      return sampleText(schema, filling);
  }
};

/** Something of the schema's shape with the text in every place that takes text, and every member there may be. */
const sample = (schema: Schema, filling: Filling): unknown => {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return sample(filling.document.components?.schemas?.[name] ?? {}, filling);
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const choice = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].at(-1);
  if (choice !== undefined) return sample(choice, filling);
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map((part) => sample(part, filling)));
  return sampleOfType(schema, filling);
};

/** Asks for all that a document describes, as several people, and keeps what was answered. */
export class Crawler {
  readonly #document: Described;
  readonly #templates: { readonly key: string; readonly pattern: RegExp }[];
  readonly exchanges: Exchange[] = [];

  constructor(document: Described) {
    this.#document = document;
    this.#templates = routesOf(document).map(({ key }) => ({
      key,
      pattern: new RegExp(`^${key.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
    }));
  }

  async send(
    who: { name: string; browser: Browser },
    request: {
      method: string;
      path: string;
      body?: unknown;
      raw?: string;
      headers?: Record<string, string>;
      route?: string;
    },
  ): Promise<Answer> {
    const { method, path, body, raw, headers = {} } = request;
    const answer =
      raw === undefined && method === 'GET'
        ? await who.browser.get(path, { headers })
        : raw === undefined
          ? await who.browser.write(method, path, body, headers)
          : await who.browser.send(method, path, { raw, headers });
    this.exchanges.push({
      who: who.name,
      route: this.#routeOf(`${method} ${path.split('?', 1)[0]}`),
      answer,
      requestId: answer.headers.get('x-request-id') ?? '',
    });
    return answer;
  }

  /** With `known` where the route names something, and `text` wherever it takes text. */
  async ask(
    who: { name: string; browser: Browser },
    route: RouteTemplate,
    options: { known: Known; text: string; body?: unknown },
  ): Promise<Answer> {
    const { operation } = route;
    const fill = { document: this.#document, ...options };
    const path = route.path.replace(/\{(\w+)\}/g, (_all, name: string) => String(options.known[name] ?? randomUUID()));
    const query = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'query' && (parameter.required || parameter.name in options.known))
      .map((parameter): [string, string] => [
        parameter.name,
        String(options.known[parameter.name] ?? sample(parameter.schema ?? {}, fill)),
      ]);
    const schema = operation.requestBody?.content?.['application/json']?.schema;
    const body = options.body ?? (schema === undefined ? {} : sample(schema, fill));
    const search = query.length === 0 ? '' : `?${new URLSearchParams(query)}`;
    return this.send(who, { method: route.method, path: path + search, body });
  }

  #routeOf(line: string): string {
    // A template without parameters comes before one that would take its last word for one.
    const fitting = this.#templates.filter(({ pattern }) => pattern.test(line)).map(({ key }) => key);
    return fitting.find((key) => key === line) ?? fitting[0] ?? line;
  }
}
