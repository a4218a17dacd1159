import { SourceMap } from 'node:module'

/**
 * Replaces positions in bundles, such as `cart.mjs:1:2345`, by those in the source, `workers/cart/routes.ts:12:3`. `mapOf` has the source
 * map of a bundle, as JSON, by its name without the extension.
 */
export function stackMapper(mapOf: (bundle: string) => string | undefined): (text: string) => string {
  const parsed = new Map<string, { json: string; map: SourceMap }>()
  const read = (bundle: string): SourceMap | undefined => {
    const json = mapOf(bundle)
    if (json === undefined) return undefined
    const last = parsed.get(bundle)
    // Compared by identity of the text, since a reload has another.
    const map = last?.json === json ? last.map : new SourceMap(JSON.parse(json))
    parsed.set(bundle, { json, map })
    return map
  }
  return (text) => {
    // Most lines have no position, and the search is slow.
    if (!text.includes('.mjs:')) return text
    return text.replaceAll(/(?:file:\/\/)?[\w./-]*?([\w-]+)\.mjs:(\d+):(\d+)/g, (position, bundle, line, column) => {
      const origin = read(bundle)?.findOrigin(Number(line), Number(column))
      return origin !== undefined && 'fileName' in origin
        ? `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`
        : position
    })
  }
}
