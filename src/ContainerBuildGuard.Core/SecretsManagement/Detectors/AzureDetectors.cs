using System.Collections.Immutable;
using static ContainerBuildGuard.SecretsManagement.AzureIdentifiableKey;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Keys and tokens of Azure, Microsoft Entra and Azure DevOps.</summary>
internal static class AzureDetectors
{
    private static readonly DetectorFamily Cloud = new(SecretsRules.CloudCredential);
    private static readonly DetectorFamily Source = new(SecretsRules.SourceControlToken);
    private static readonly DetectorFamily Service = new(SecretsRules.ServiceToken);

    public static ImmutableArray<SecretDetector> All { get; } =
    [
        // Identifiable keys: signature in the middle, checksum at the end.
        Cloud.Token("azure-storage-key", "Azure Storage account key", @"\b{76}<+ASt>\b{5}[AQgw]==", Seeded("Default0")),
        Cloud.Token("azure-batch-key", "Azure Batch account key", @"\b{76}<+ABa>\b{5}[AQgw]==", Seeded("AbAcct00", "Default0")),
        Cloud.Token("azure-ml-classic-key", "Azure Machine Learning key", @"\b{76}<+AMC>\b{5}[AQgw]==", Seeded("Classic0", "Default0")),
        Cloud.Token("azure-cosmos-key", "Azure Cosmos DB key", @"\b{76}<ACDb>\b{5}[AQgw]==", Seeded("MastRW00", "MastRO00", "SysAll00", "Resour00", "SystRO00", "SystRW00", "Encryp00")),
        Cloud.Token("azure-api-management-key", "Azure API Management key", @"\b{76}<APIM>\b{5}[AQgw]==", Seeded("Tenant00", "IoTHub00", "Gatewy00", "GitKey00")),
        Cloud.Token("azure-service-bus-key", "Azure Service Bus key", @"\b{33}<+ASb>[A-P]\b{5}=", Seeded("Send0000", "Manage00", "Listen00")),
        Cloud.Token("azure-event-hubs-key", "Azure Event Hubs key", @"\b{33}<+AEh>[A-P]\b{5}=", Seeded("Send0000", "Manage00", "Listen00")),
        Cloud.Token("azure-relay-key", "Azure Relay key", @"\b{33}<+ARm>[A-P]\b{5}=", Seeded("Send0000", "Manage00", "Listen00")),
        Cloud.Token("azure-iot-key", "Azure IoT Hub key", @"\b{33}<AIoT>[A-P]\b{5}=", Seeded("IoTHub00", "DpsKey00", "Device00")),
        Cloud.Token("azure-redis-key", "Azure Cache for Redis key", @"\b{33}<AzCa>[A-P]\b{5}=", Seeded("Access00", "Default0")),
        Cloud.Token("azure-event-grid-key", "Azure Event Grid key", @"\b{33}<AZEG>[A-P]\b{5}=", Seeded("SendRecv", "Default0")),
        Cloud.Token("azure-container-registry-key", "Azure Container Registry password", @"\b{42}<+ACR>[A-D]\b{5}", Seeded("ACRDflt0")),
        Cloud.Token("azure-functions-key", "Azure Functions key", @"\u{44}<AzFu>\u{5}[AQgw]==", Seeded("Master00", "System00", "Functi00")),
        Cloud.Token("azure-search-key", "Azure AI Search key", @"\w{42}<AzSe>[A-D]\b{5}", Seeded("Query000", "PAdmin00")),
        Cloud.Token("azure-common-key", "Azure key in the common format", @"[A-Za-z0-9+/_-]{52}<JQQJ9>[9DH][A-Za-z0-9+/_-]{26,28}[=]{0,2}"),

        // Settings of connection strings.
        Cloud.Token("azure-account-key", "Azure account key", @"<AccountKey=>\b{86}==", ignoreCase: true),
        Cloud.Token("azure-shared-access-key", "Azure shared access key", @"<SharedAccessKey=>\b{43}=", ignoreCase: true),
        Cloud.Token("azure-access-key", "Azure SignalR, Web PubSub or Communication key", @"<accesskey=>\b{43,86}[=]{1,2}", ignoreCase: true),
        Cloud.Token("azure-app-configuration-secret", "Azure App Configuration secret", @"<;Secret=>[A-Za-z0-9+/_-]{36,100}[=]{0,2}", ignoreCase: true),
        Cloud.Token("azure-publish-password", "Azure publish profile password", @"<userPWD="">\w{50,64}", ignoreCase: true),
        Cloud.Custom("azure-sas-signature", "Azure shared access signature", UrlMatchers.SasSignature, SecretScope.NotInBaseBinaries, true, "sig="),
        Cloud.Token("azure-client-secret", "Microsoft Entra client secret", @"[A-Za-z0-9_~.-]{3}<7Q~[A-Za-z0-9_~.-]|8Q~[A-Za-z0-9_~.-]|9Q~[A-Za-z0-9_~.-]>[A-Za-z0-9_~.-]{30,33}", entropy: 3.3),
        Service.Token("teams-webhook", "Microsoft Teams webhook", @"<.webhook.office.com/webhookb2/>[A-Za-z0-9@-]{73}/IncomingWebhook/\w{32}/[A-Za-z0-9-]{36}"),
        Service.Token("power-automate-url", "Power Automate or Logic Apps URL with a signature", @"<.logic.azure.com>[A-Za-z0-9:/.?&=%_-]{20,400}sig=[A-Za-z0-9_%-]{40,}", ignoreCase: true),

        Source.Token("azure-devops-token", "Azure DevOps personal access token", @"\w{76}<AZDO>\w{4}"),
    ];
}
