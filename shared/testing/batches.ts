type Settling = Pick<Message, 'ack' | 'retry'>

/** The same batch, whose messages are settled by way of what `settling` makes for each. */
export function acknowledgedBy(batch: MessageBatch, settling: (message: Message) => Settling): MessageBatch {
  const messages = batch.messages.map((message): Message => {
    const { id, timestamp, body, attempts } = message
    return { id, timestamp, body, attempts, ...settling(message) }
  })
  const { queue, metadata } = batch
  return {
    ...{ queue, metadata, messages },
    ackAll: () => messages.forEach((message) => void message.ack()),
    retryAll: (options) => messages.forEach((message) => void message.retry(options)),
  }
}
