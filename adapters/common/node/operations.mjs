/** The members of each operation's output in the service model. */
export const OUTPUTS = {
  AddAttachmentsToSet: ["attachmentSetId", "expiryTime"],
  AddCommunicationToCase: ["result"],
  CompleteAttachmentUpload: ["uploadStatus"],
  CreateCase: ["caseId"],
  DescribeAttachment: ["attachment"],
  DescribeAttachmentUploadStatus: ["uploadStatus", "fileName", "uploadProgress"],
  DescribeCases: ["cases", "nextToken"],
  DescribeCommunications: ["communications", "nextToken"],
  DescribeCreateCaseOptions: ["languageAvailability", "communicationTypes"],
  DescribeServices: ["services"],
  DescribeSeverityLevels: ["severityLevels"],
  DescribeSupportedLanguages: ["supportedLanguages"],
  DescribeTrustedAdvisorCheckRefreshStatuses: ["statuses"],
  DescribeTrustedAdvisorCheckResult: ["result"],
  DescribeTrustedAdvisorCheckSummaries: ["summaries"],
  DescribeTrustedAdvisorChecks: ["checks"],
  GetAttachmentDownloadLink: ["fileName", "downloadUrl"],
  GetAttachmentUploadLinks: [
    "uploadId",
    "partSizeBytes",
    "totalParts",
    "nextIndex",
    "uploadUrls",
  ],
  RefreshTrustedAdvisorCheck: ["status"],
  ResolveCase: ["initialCaseStatus", "finalCaseStatus"],
};

/** What older models of the service do not have. */
export const RECENT = [
  "dryRun",
  "uploadIds",
  "CompleteAttachmentUpload",
  "DescribeAttachmentUploadStatus",
  "GetAttachmentDownloadLink",
  "GetAttachmentUploadLinks",
];
