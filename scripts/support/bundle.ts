import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { type BuildFailure, build, type Plugin } from 'esbuild'
import { root } from './configs.ts'

/**
 * The MongoDB driver is CommonJS and requires Node's modules, but a Worker has no `require`: each becomes an import, which the runtime
 * resolves. Optional modules (`kerberos`, `snappy`, ...) stay a `require`, which fails where the driver catches it.
 */
const nodeModules: Plugin = {
  name: 'node-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /.*/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined
      const name = path.startsWith('node:') ? path : `node:${path}`
      return kind === 'require-call' ? { path: name, namespace: 'required' } : { path: name, external: true }
    })
    onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `import * as all from '${path}'; module.exports = 'default' in all ? all.default : all`,
    }))
  },
}

const optional = ['kerberos', 'snappy', 'socks', 'aws4', '@mongodb-js/zstd', 'gcp-metadata', 'mongodb-client-encryption']

/** A file, or source that imports by absolute paths. */
export type Entry = string | { source: string }

export type Bundle = {
  code: string
  /** A source map of `code`, as JSON. Its paths are relative to the root. */
  map: string
  /** The files of this repository that `code` is made of, relative to the root. */
  inputs: string[]
}

/**
 * One Worker as a single module, minified, with the conditions under which `wrangler deploy` resolves packages.
 * `sourcesContent` puts the source into its map.
 * @throws Error with one line per mistake, file and line first, when it does not build
 */
export async function bundle(entry: Entry, { sourcesContent = false } = {}): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...(typeof entry === 'string' ? { entryPoints: [entry] } : { stdin: { contents: entry.source, resolveDir: root } }),
    absWorkingDir: root,
    outfile: join(root, 'bundle.mjs'),
    bundle: true,
    write: false,
    minify: true,
    sourcemap: 'external',
    sourcesContent,
    metafile: true,
    // The runtime finds Durable Objects and entrypoints by the names of their classes.
    keepNames: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', ...optional],
    plugins: [nodeModules],
    // Like the rule in the config of ai-buddy, which has articles.
    loader: { '.md': 'text' },
    logLevel: 'silent',
  }).catch((failure: BuildFailure) => {
    throw new Error(failure.errors.map(describeMistake).join('\n') || failure.message)
  })
  const textOf = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? ''
  const inputs = Object.keys(metafile.inputs).filter((path) => !path.includes('node_modules/'))
  return { code: textOf('.mjs'), map: textOf('.map'), inputs }
}

const describeMistake = ({ text, location }: BuildFailure['errors'][number]): string =>
  location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text
