/** What one work came to; one line of JSON. Times are milliseconds as the client saw them. */
export type Figures = {
  work: string
  concurrency: number
  ops: number
  opsPerSecond: number
  p50Ms: number | null
  p95Ms: number | null
  p99Ms: number | null
  errors: number
  /** Processor time of the runtime, events that the operations caused included; null for an instance that is not ours. */
  cpuMsPerOp: number | null
  rssMb: number | null
  /** Calls from Worker to Worker, the one into the gateway included; null for an instance that is not local. */
  invocationsPerOp: number | null
  ratioToConstant: number | null
}

/** What the process that makes the load reports. */
export type Load = { latencies: number[]; errors: number; seconds: number; firstError?: string; extra?: Record<string, number> }

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits))

/** The value below which a share of sorted values lies, by the nearest rank. */
export function percentile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  return value === undefined ? null : rounded(value)
}
