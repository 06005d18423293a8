/** The SNS of an account: topics that rules of EventBridge publish to. It sends no mail. */
export interface Sns {
  /** Makes a topic exist, also one of another account. */
  putTopic(topicArn: string): void;
  /** Says whether the topic exists. */
  hasTopic(topicArn: string): boolean;
  /** Publishes a message, as another service does. Throws if the topic does not exist. */
  publish(topicArn: string, message: string): void;
  /** Returns the messages of a topic, oldest first. */
  messagesOf(topicArn: string): readonly string[];
}

/** Makes the SNS of an account, without topics. */
export function createSns(): Sns {
  const topics = new Map<string, string[]>();
  return {
    putTopic(topicArn) {
      if (!topics.has(topicArn)) topics.set(topicArn, []);
    },
    hasTopic: (topicArn) => topics.has(topicArn),
    publish(topicArn, message) {
      const messages = topics.get(topicArn);
      if (messages === undefined) throw new Error(`Got the topic ${topicArn}, expected one that exists.`);
      messages.push(message);
    },
    messagesOf: (topicArn) => topics.get(topicArn) ?? [],
  };
}
