/**
 * A Worker as the marketplace of this folder knows it: handlers of the platform's shape. Their own types cannot meet in one program,
 * since each declares the platform's environment as its own.
 */
declare module '#worker/*' {
  const worker: {
    fetch(request: Request, env: object, context: ExecutionContext): Response | Promise<Response>
    queue(batch: MessageBatch, env: object, context: ExecutionContext): Promise<void>
    scheduled?(tick: ScheduledController, env: object, context: ExecutionContext): void | Promise<void>
  }
  export default worker
}
