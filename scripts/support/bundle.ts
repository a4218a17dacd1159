import { isBuiltin } from 'node:module'
import { build, type Plugin } from 'esbuild'
import { root } from './configs.ts'

/**
 * The driver is CommonJS and asks for Node's modules by `require`, which a Worker has not: each becomes an import, which the runtime
 * answers. What it looks for and can do without (`kerberos`, `snappy`, ...) stays a `require` that fails where it is caught.
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

/** One Worker as a single module, minified, with the conditions under which `wrangler deploy` resolves packages. */
export async function bundle(entry: Entry): Promise<string> {
  const { outputFiles } = await build({
    ...(typeof entry === 'string' ? { entryPoints: [entry] } : { stdin: { contents: entry.source, resolveDir: root } }),
    bundle: true,
    write: false,
    minify: true,
    // Names of classes and functions are the runtime's: Durable Objects and entrypoints are known by them.
    keepNames: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', ...optional],
    plugins: [nodeModules],
    // As the rule in the config of the Worker that has articles.
    loader: { '.md': 'text' },
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}
