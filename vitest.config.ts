import { existsSync, statfsSync } from 'node:fs'
import { resolve } from 'node:path'
import { cloudflareTest } from '@cloudflare/vitest-pool-workers'
import { build } from 'esbuild'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { unstable_getMiniflareWorkerOptions as readWorkerOptions } from 'wrangler'
import { makeSecrets, requiredSecrets } from './scripts/secrets.ts'
import { ensureAssets } from './scripts/support/assets.ts'
import { readConfigs, type WorkerConfig } from './scripts/support/configs.ts'
import { keepCounts } from './scripts/support/counts.ts'
import { findPlainTests } from './scripts/support/plain-tests.ts'
import type {} from './shared/testing/e2e/harness'

// Nothing here may ask the network for anything.
process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false'
process.env.WRANGLER_SEND_METRICS = 'false'
// Each run has secrets of its own, made below. Wrangler would warn that wrangler/.dev.vars has none, or fall back to .env.
process.env.CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV = 'false'
process.env.WRANGLER_LOG ??= 'error'

// What tests store is thrown away, and each of their many small databases is a file: memory is the place, where there is enough.
if (process.env.TMPDIR === undefined && roomIn('/dev/shm') > 2 ** 31) process.env.TMPDIR = '/dev/shm'

ensureAssets()
const configs = readConfigs()
const compatibilityDate = configs[0]?.compatibility_date ?? ''
const secrets = makeSecrets(requiredSecrets())
const secretsOf = (config: WorkerConfig) =>
  Object.fromEntries((config.secrets?.required ?? []).map((name) => [name, secrets[name] ?? '']))

/** Free bytes of a file system; 0 when it is not there. */
function roomIn(path: string): number {
  if (!existsSync(path)) return 0
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}

/** A local run in which a password costs next to nothing. */
const testVars = { ENVIRONMENT: 'local', SCRYPT_LOG2N: '4' }

type PoolOptions = Exclude<Parameters<typeof cloudflareTest>[0], (...args: never) => unknown>
type AuxiliaryWorker = NonNullable<NonNullable<PoolOptions['miniflare']>['workers']>[number]

/** The real data Worker beside the one under test: its storage is real, and as isolated per test file as the rest. */
let bundle: Promise<string> | undefined
async function dataWorker(): Promise<AuxiliaryWorker> {
  // The driver is only imported when MONGODB_URI is set, which no test of this kind does.
  const external = ['cloudflare:*', 'node:*', 'mongodb']
  bundle ??= build({
    entryPoints: ['workers/data/index.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external,
  }).then((result) => result.outputFiles[0]?.text ?? '')
  const { workerOptions } = readWorkerOptions('wrangler/data.jsonc')
  return {
    ...workerOptions,
    name: 'credenza-data',
    modules: [{ type: 'ESModule', path: 'data.mjs', contents: await bundle }],
    bindings: Object.assign({}, workerOptions.bindings, { ENVIRONMENT: 'local' }),
  }
}

/** Stands in for a Worker that a test has not replaced by its own fake: HTTP answers 503, RPC rejects for want of methods. */
function stub(service: string, entrypoints: string[]): AuxiliaryWorker {
  const script = [
    `import { WorkerEntrypoint } from 'cloudflare:workers'`,
    `export default { fetch: () => new Response('${service} takes no part in this test', { status: 503 }) }`,
    ...entrypoints.map((name) => `export class ${name} extends WorkerEntrypoint {}`),
  ].join('\n')
  return { name: service, compatibilityDate, modules: [{ type: 'ESModule', path: 'stub.mjs', contents: script }] }
}

async function auxiliaryWorkers({ services }: Pick<WorkerConfig, 'services'>): Promise<AuxiliaryWorker[]> {
  const names = [...new Set(services.map(({ service }) => service))]
  return Promise.all(
    names.map(async (name) => {
      if (name === 'credenza-data') return dataWorker()
      const entrypoints = services.flatMap(({ service, entrypoint }) => (service === name && entrypoint ? [entrypoint] : []))
      return stub(name, [...new Set(entrypoints)])
    }),
  )
}

/** Markdown is text, as the rule in the config of the Worker that has articles says to wrangler. */
const markdownAsText: Plugin = {
  name: 'markdown-as-text',
  enforce: 'pre',
  transform: (code, id) => (id.endsWith('.md') ? { code: `export default ${JSON.stringify(code)}`, map: null } : null),
}

/**
 * One runtime serves all files of a project, since starting one costs more than most files take; between two files its storage is wiped.
 * `TEST_ISOLATED=1` gives each file a runtime of its own: a test that passes only there finds what another file left behind.
 */
const oneRuntime = process.env.TEST_ISOLATED ? {} : { isolate: false, setupFiles: ['./shared/testing/reset.ts'] }

const plainTests = findPlainTests(import.meta.dirname)
const inRuntime = { exclude: plainTests, ...oneRuntime }

/** The end-to-end tests of `npm test`, which share one constellation; `npm run test:full` has all. */
const e2eTests = process.env.TEST_QUICK
  ? ['shared/testing/e2e/main-job.e2e.ts', 'shared/testing/e2e/isolation.e2e.ts', 'scripts/redrive.e2e.ts']
  : ['shared/testing/e2e/**/*.e2e.ts', 'scripts/**/*.e2e.ts', 'workers/**/*.e2e.ts']

const workerProjects = configs.map((config) => ({
  extends: true as const,
  plugins: [
    cloudflareTest(async () => ({
      wrangler: { configPath: config.path },
      remoteBindings: false,
      miniflare: {
        bindings: { ...secretsOf(config), ...testVars },
        workers: await auxiliaryWorkers(config),
      },
    })),
  ],
  test: { name: config.worker, include: [`workers/${config.worker}/**/*.test.ts`], ...inRuntime },
}))

const data = { binding: 'DATA', service: 'credenza-data', entrypoint: 'DataRpc' }
const dataObject = (className: string) => ({ className, scriptName: data.service, useSQLite: true })
const sharedProject = {
  extends: true as const,
  plugins: [
    cloudflareTest(async () => ({
      miniflare: {
        compatibilityDate,
        bindings: { ENVIRONMENT: 'local' },
        serviceBindings: { [data.binding]: { name: data.service, entrypoint: data.entrypoint } },
        durableObjects: {
          DATABASE: dataObject('DatabaseDO'),
          MONGO_POOLS: dataObject('MongoPoolDO'),
          CACHE: dataObject('CacheDO'),
        },
        workers: await auxiliaryWorkers({ services: [data] }),
      },
    })),
  ],
  test: { name: 'shared', include: ['shared/**/*.test.ts'], ...inRuntime },
}

/** What Workers ask of each other, as shared/testing/world puts them together in one isolate. */
const asked = configs.flatMap(({ services }) =>
  services.flatMap(({ binding, service, entrypoint = 'default' }) =>
    binding === data.binding ? [] : [{ binding, worker: service.replace('credenza-', ''), entrypoint }],
  ),
)
const ownObjects = {
  CARTS: 'CartDO',
  SESSIONS: 'LiveSessionDO',
  SANDBOX: 'SandboxIntentDO',
  DASHBOARDS: 'DashboardDO',
  SEARCH: 'SearchIndexDO',
}
const worldProject = {
  extends: true as const,
  // The Workers' own types cannot meet in one program; worker-modules.d.ts says what is known of them here.
  resolve: { alias: [{ find: /^#worker\/(.+)$/, replacement: resolve(import.meta.dirname, 'workers/$1/index.ts') }] },
  plugins: [
    cloudflareTest(async () => ({
      main: './shared/testing/world/main.ts',
      miniflare: {
        compatibilityDate,
        bindings: {
          ...Object.assign({}, ...configs.map(({ vars }) => vars)),
          ...Object.assign({}, ...configs.map(secretsOf)),
          ...testVars,
          SERVICES: asked,
          OBJECTS: Object.keys(ownObjects),
          FAULT_SEED: process.env.FAULT_SEED ?? '',
          FAULT_REPLAY: process.env.FAULT_REPLAY ?? '',
          FAULT_QUARTER: process.env.FAULT_QUARTER ?? '',
          FAULT_WORKERS: process.env.FAULT_WORKERS ?? '',
        },
        serviceBindings: { [data.binding]: { name: data.service, entrypoint: data.entrypoint }, COUNTS: keepCounts },
        durableObjects: {
          DATABASE: dataObject('DatabaseDO'),
          MONGO_POOLS: dataObject('MongoPoolDO'),
          CACHE: dataObject('CacheDO'),
          ...Object.fromEntries(Object.entries(ownObjects).map(([name, className]) => [name, { className, useSQLite: true }])),
        },
        workers: await auxiliaryWorkers({ services: [data] }),
      },
    })),
  ],
  test: { name: 'world', include: ['shared/testing/world/**/*.world.ts'], testTimeout: 300_000, hookTimeout: 60_000 },
}

/** What `startConstellation` in shared/testing/e2e starts: every Worker with just the secrets it requires. */
const constellation = configs.map((config) => ({ configPath: config.path, secrets: secretsOf(config), vars: testVars }))

export default defineConfig({
  plugins: [markdownAsText],
  test: {
    // As many as the cores of a small machine: more at once only make each test slower.
    maxWorkers: 2,
    // What a passing test logs is of no interest: many provoke errors on purpose.
    silent: 'passed-only',
    testTimeout: 20_000,
    projects: [
      ...workerProjects,
      sharedProject,
      worldProject,
      { extends: true, test: { name: 'plain', include: plainTests, environment: 'node', isolate: false } },
      { extends: true, test: { name: 'scripts', include: ['scripts/**/*.test.ts'], environment: 'node' } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: e2eTests,
          environment: 'node',
          // Files that need no constellation of their own share one, which is kept where modules are.
          isolate: false,
          provide: { constellation },
          // After the others and one file at a time: a constellation is busy enough alone to make timings in it unreliable.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          // Limits for what hangs, not for what is slow: a machine that is shared can take several times as long.
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
