type Schema = {
  $ref?: string
  type?: string | readonly string[]
  enum?: unknown
  const?: unknown
  maxLength?: number
  maxItems?: number
  maxProperties?: number
  maximum?: number
  format?: string
  pattern?: string
  items?: Schema
  properties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
} & { [kind in 'anyOf' | 'oneOf' | 'allOf']?: readonly Schema[] }

type Operation = {
  parameters?: readonly { name: string; in: string; schema?: Schema }[]
  requestBody?: { content: Record<string, { schema?: Schema }> }
}
export type Bounded = { paths: Record<string, Record<string, Operation>>; components?: { schemas?: Record<string, Schema> } }

/** What a request may make as large as it likes, one line each: no text, list, number or record of a body, query or header may be. */
export function findUnbounded({ paths, components }: Bounded): string[] {
  const resolve = (schema: Schema): Schema => {
    const name = schema.$ref?.replace('#/components/schemas/', '')
    return name === undefined ? schema : (components?.schemas?.[name] ?? schema)
  }

  function walk(given: Schema, at: string, above: readonly Schema[]): string[] {
    const schema = resolve(given)
    // A schema that contains itself nests without end.
    if (above.includes(schema)) return [`${at}: contains itself`]
    if (schema.enum !== undefined || schema.const !== undefined) return []
    const within = [...above, schema]
    const variants = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]
    if (variants.length > 0) return variants.flatMap((variant) => walk(variant, at, within))
    const types = [schema.type ?? []].flat()
    return [
      ...(types.length === 0 ? [`${at}: may be anything`] : []),
      ...(types.includes('string') && schema.maxLength === undefined && schema.format !== 'date' && !isBounded(schema.pattern)
        ? [`${at}: a text of any length`]
        : []),
      // An integer is one that a double holds exactly: zod takes no other.
      ...(types.includes('number') && schema.maximum === undefined ? [`${at}: a number of any size`] : []),
      ...(types.includes('array')
        ? [
            ...(schema.maxItems === undefined ? [`${at}: a list of any length`] : []),
            ...walk(schema.items ?? {}, `${at}[]`, within),
          ]
        : []),
      ...(types.includes('object') ? membersOf(schema, at, within) : []),
    ]
  }

  function membersOf(schema: Schema, at: string, within: readonly Schema[]): string[] {
    const { properties = {}, additionalProperties = true } = schema
    return [
      ...Object.entries(properties).flatMap(([name, member]) => walk(member, `${at}.${name}`, within)),
      ...(additionalProperties === true ? [`${at}: takes unknown members`] : []),
      ...(typeof additionalProperties === 'object'
        ? [
            // How long their names may be the document does not say.
            ...(schema.maxProperties === undefined ? [`${at}: any number of members`] : []),
            ...walk(additionalProperties, `${at}.*`, within),
          ]
        : []),
    ]
  }

  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, { parameters = [], requestBody }]) => {
      const route = `${method.toUpperCase()} ${path}`
      return [
        ...parameters.flatMap(({ name, in: place, schema = {} }) => walk(schema, `${route} ${place} ${name}`, [])),
        ...Object.values(requestBody?.content ?? {}).flatMap(({ schema = {} }) => walk(schema, `${route} body`, [])),
      ]
    }),
  )
}

/** Whether what matches a pattern has a greatest length: it is anchored, and repeats nothing without end. */
function isBounded(pattern: string | undefined): boolean {
  if (pattern === undefined) return false
  const bare = pattern.replaceAll(/\\./g, 'x').replaceAll(/\[(?:\\.|[^\]])*\]/g, 'x')
  return /^\^.*\$$/s.test(bare) && !/[*+]|\{\d+,\}/.test(bare) && !/^\^[^(]*\||\|[^)]*\$$/.test(bare)
}
