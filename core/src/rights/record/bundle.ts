import type { RecordPage } from './record.ts';

/**
 * A FHIR R4 Bundle of type `collection`, written piece by piece. Cut off anywhere it is no JSON, so nobody takes a part
 * for the whole.
 */
export async function* toBundle(
  pages: AsyncIterable<RecordPage>,
  about: { readonly site: string; readonly asOf: Date },
): AsyncGenerator<string> {
  yield `{"resourceType":"Bundle","type":"collection","timestamp":"${about.asOf.toISOString()}","entry":[`;
  let isFirst = true;
  for await (const { resources } of pages) {
    if (resources.length === 0) continue;
    const entries = resources.map((resource) =>
      JSON.stringify({ fullUrl: `${about.site}/fhir/${resource.resourceType}/${resource.id}`, resource }),
    );
    yield `${isFirst ? '' : ','}\n${entries.join(',\n')}`;
    isFirst = false;
  }
  yield ']}\n';
}
