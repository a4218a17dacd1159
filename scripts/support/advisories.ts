import { z } from 'zod'

/** Known holes by package. Source: the bulk advisory answer of the npm registry, which `bun audit --json` prints as it is. */
const Advisories = z.record(
  z.string(),
  z.array(z.looseObject({ url: z.string(), title: z.string(), severity: z.string(), vulnerable_versions: z.string() })),
)

/** A hole that is lived with: why it does not reach us, and the day (ISO 8601) until which that is believed. */
export type Allowed = { url: string; because: string; until: string }
type Verdict = { open: string[]; lived: string[]; stale: string[] }

/**
 * Tells the holes that must be mended from those lived with, one line each. A leave that has run out is none; one for a hole that
 * is no longer there is stale. @throws SyntaxError, ZodError for what is no answer of the registry
 */
export function judge(answer: string, leave: readonly Allowed[], today: string): Verdict {
  const holes = Object.entries(Advisories.parse(JSON.parse(answer))).flatMap(([name, found]) =>
    found.map(({ url, title, severity, vulnerable_versions: versions }) => ({
      url,
      line: `${severity}: ${name} ${versions}: ${title} (${url})`,
    })),
  )
  const leaveFor = (url: string) => leave.find((each) => each.url === url && each.until >= today)
  return {
    open: holes.filter(({ url }) => !leaveFor(url)).map(({ line }) => line),
    lived: holes.flatMap(({ url, line }) => {
      const given = leaveFor(url)
      return given ? [`${line}, until ${given.until}: ${given.because}`] : []
    }),
    stale: leave.filter(({ url }) => !holes.some((hole) => hole.url === url)).map(({ url }) => url),
  }
}

/** The dependencies whose version is not one and exact: whoever installs later would get code that nobody here has tried. */
export function findLooseVersions(manifest: string): string[] {
  const Manifest = z.object({ dependencies: z.record(z.string(), z.string()), devDependencies: z.record(z.string(), z.string()) })
  const { dependencies, devDependencies } = Manifest.parse(JSON.parse(manifest))
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version))
    .map(([name, version]) => `package.json: the version of ${name} is ${version}, not an exact one`)
}
