import { configOf, projectOf } from './config.ts'
import type { Names } from './names.ts'
import { sourceFiles } from './source.ts'
import { testFiles } from './tests.ts'

/** Every file that a new Worker consists of, under its path, but for the `env.d.ts` that wrangler generates. */
export function filesOf(names: Names, compatibilityDate: string): Map<string, string> {
  const inFolder = { ...sourceFiles(names), 'tsconfig.json': projectOf(), ...testFiles(names) }
  return new Map([
    [`wrangler/${names.worker}.jsonc`, configOf(names, compatibilityDate)],
    ...Object.entries(inFolder).map(([file, text]): [string, string] => [`workers/${names.worker}/${file}`, text]),
  ])
}
