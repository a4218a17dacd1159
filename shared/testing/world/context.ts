/** A context of the platform. Its module imports the main module, so it can only be asked for once that is there. */
export async function newContext(): Promise<ExecutionContext> {
  const { createExecutionContext } = await import('cloudflare:test')
  return createExecutionContext()
}
