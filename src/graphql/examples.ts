/** What GraphiQL shows at first: operations to try, in the order in which a newcomer would. */
export const exampleOperations = `# Leadgraph. Press the play button and choose an operation.

# 1. Watch everything that happens to your leads. Leave it running in a tab of its own.
subscription Watch {
  leadChanges {
    cursor
    change {
      seq
      type
      summary
      occurredAt
      lead { number email stage { name } }
    }
  }
}

# 2. A lead arrives, or is found again by its email.
mutation Arrive {
  recordPostback(input: { email: "john@example.com", firstName: "John", stage: "Form Started", source: "google" }) {
    __typename
    ... on RecordPostbackSuccess {
      created
      stageOutcome
      lead { id number email stage { name } }
    }
    ... on Error { code message }
    ... on InvalidInputError { issues { path message } }
  }
}

# 3. The newest leads with their way through the pipeline.
query Newest {
  leads(first: 10) {
    totalCount
    nodes {
      id
      number
      email
      firstName
      stage { name }
      stageHistory(first: 5) { nodes { fromStage toStage occurredAt } }
    }
    pageInfo { hasNextPage endCursor }
  }
}

# 4. Who am I, and what may I do?
query Me {
  viewer { kind scopes account { id name } }
}
`;
