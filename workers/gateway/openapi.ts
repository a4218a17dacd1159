import { isDevEndpoint } from './routing'

type Json = { [key: string]: unknown }
export type OpenApi = { openapi: string; info: Json; paths?: Json; components?: { schemas?: Json; [kind: string]: unknown } }

const methods = ['get', 'put', 'post', 'delete', 'patch'] as const

/**
 * One OpenAPI 3.1 document of all Workers' documents. Workers share schemas such as Money and Problem under one name; where two
 * schemas of one name differ, the later one is renamed after its Worker.
 */
export function mergeOpenApi(documents: readonly { worker: string; document: OpenApi }[], server: string): OpenApi {
  const paths: Json = {}
  const schemas: Json = {}
  for (const { worker, document } of documents) {
    const own = renameClashes(worker, document, schemas)
    Object.assign(schemas, own.components?.schemas)
    // Endpoints of local runs are not part of the contract.
    for (const [path, item] of Object.entries(own.paths ?? {}).filter(([path]) => !isDevEndpoint(path)))
      paths[path] = { ...(paths[path] as Json | undefined), ...(item as Json) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Credenza',
      version: '1.0.0',
      description: 'A multi-seller marketplace. Errors are RFC 9457 problem documents; lists are `{ items, nextCursor }`.',
    },
    ...({ servers: [{ url: server }], tags: tagsOf(paths) } as Json),
    paths,
    components: { schemas, securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  }
}

function renameClashes(worker: string, document: OpenApi, taken: Json): OpenApi {
  let text = JSON.stringify(document)
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
    if (!(name in taken) || JSON.stringify(taken[name]) === JSON.stringify(schema)) continue
    const own = `${worker.charAt(0).toUpperCase()}${worker.slice(1)}${name}`
    text = text
      .replaceAll(`"#/components/schemas/${name}"`, `"#/components/schemas/${own}"`)
      .replaceAll(`"${name}":`, `"${own}":`)
  }
  return JSON.parse(text)
}

function tagsOf(paths: Json): { name: string }[] {
  const names = Object.values(paths).flatMap((item) =>
    methods.flatMap((method) => (item as Record<string, { tags?: string[] } | undefined>)[method]?.tags ?? []),
  )
  return [...new Set(names)].map((name) => ({ name }))
}
