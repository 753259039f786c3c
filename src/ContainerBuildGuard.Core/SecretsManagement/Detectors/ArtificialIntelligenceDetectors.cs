using System.Collections.Immutable;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Keys of services for language models, speech, images and their tooling.</summary>
internal static class ArtificialIntelligenceDetectors
{
    private static readonly DetectorFamily Service = new(SecretsRules.ServiceToken);

    public static ImmutableArray<SecretDetector> All { get; } =
    [
        Service.Token("openai-key", "OpenAI API key", @"sk-[A-Za-z0-9_-]{16,110}<T3BlbkFJ>[A-Za-z0-9_-]{16,110}", entropy: 3.3),
        Service.Token("openai-project-key", "OpenAI API key", @"<sk-proj-|sk-svcacct-|sk-admin-|sk-service->\u{40,200}", entropy: 3.5),
        Service.Token("anthropic-key", "Anthropic API key", @"<sk-ant-api|sk-ant-admin|sk-ant-sid|sk-ant-oat>\d{2}-\u{80,120}", entropy: 3.5),
        Service.Token("openrouter-key", "OpenRouter API key", @"sk-or-v1-\h{64}", entropy: 3),
        Service.Token("deepseek-key", "API key of a language model service", @"<sk-[0-9a-f]>\h{31}", entropy: 3.2, scope: SecretScope.App),
        Service.Token("legacy-sk-key", "API key of a language model service", @"<sk-[A-Za-z0-9]>\w{47}", entropy: 4, scope: SecretScope.App),
        Service.Token("huggingface-token", "Hugging Face token", @"<hf_[A-Za-z]>\w{33,36}", entropy: 3.5),
        Service.Token("huggingface-organization-token", "Hugging Face organization token", @"api_org_[A-Za-z]{34}", entropy: 3.5),
        Service.Token("groq-key", "Groq API key", @"gsk_\w{48,56}", entropy: 3.5),
        Service.Token("xai-key", "xAI API key", @"xai-\w{70,90}", entropy: 3.5),
        Service.Token("perplexity-key", "Perplexity API key", @"pplx-\w{48,56}", entropy: 3.5),
        Service.Token("replicate-token", "Replicate token", @"<r8_[A-Za-z0-9]>\w{36}", entropy: 3.5),
        Service.Token("pinecone-key", "Pinecone API key", @"pcsk_\w{5,7}_\w{60,64}", entropy: 3.5),
        Service.Token("nvidia-key", "NVIDIA API key", @"nvapi-\u{60,70}", entropy: 3.5),
        Service.Token("langsmith-key", "LangSmith key", @"<lsv2_pt_|lsv2_sk_>\h{32}_\h{10}", entropy: 3),
        Service.Token("langfuse-key", "Langfuse secret key", @"<sk-lf->\h{8}-\h{4}-\h{4}-\h{4}-\h{12}", entropy: 3),
        Service.Token("fireworks-key", "Fireworks API key", @"<fw_[A-Z0-9]>\w{21,23}", entropy: 3.5, scope: SecretScope.App),
        Service.Token("together-key", "Together API key", @"<tgp_v1_>\u{43}", entropy: 3.5),
        Service.Token("cerebras-key", "Cerebras API key", @"<csk->[a-z0-9]{48}", entropy: 3.4),
        Service.Token("friendli-token", "Friendli token", @"flp_\w{40,52}", entropy: 3.4),
        Service.Token("elevenlabs-key", "ElevenLabs API key", @"<sk_[0-9a-f]>\h{47}", entropy: 3.2, scope: SecretScope.App),
        Service.Token("tavily-key", "Tavily API key", @"<tvly-|tvly-dev->\w{20,40}", entropy: 3.4),
        Service.Token("firecrawl-key", "Firecrawl API key", @"<fc-[0-9a-f]>\h{31}", entropy: 3.2, scope: SecretScope.App),
        Service.Token("jina-key", "Jina API key", @"jina_\h{32}\u{28}", entropy: 3.5),
        Service.Token("weights-and-biases-key", "Weights & Biases key", @"wandb_v1_\w{40,90}", entropy: 3.4),
        Service.Token("apify-token", "Apify token", @"apify_api_\w{34,40}", entropy: 3.4),
        Service.Token("e2b-key", "E2B key", @"e2b_\h{40}", entropy: 3),
        Service.Token("browserbase-key", "Browserbase key", @"<bb_live_|bb_test_>\u{24,50}", entropy: 3.3),
        Service.Token("composio-key", "Composio key", @"<ak_live_|ak_test_>\w{20,40}", entropy: 3.3),
        Service.Token("helicone-key", "Helicone key", @"<sk-helicone->[a-z0-9-]{30,60}", entropy: 3.2),
        Service.Token("runway-key", "Runway key", @"key_\h{128}", entropy: 3.2),
        Service.Token("llamacloud-key", "LlamaCloud key", @"llx-\w{48,56}", entropy: 3.5),
        Service.Token("volcengine-key", "Volcengine access key", @"<AKLT>\w{40,50}[=]{0,2}", entropy: 3.8),
    ];
}
