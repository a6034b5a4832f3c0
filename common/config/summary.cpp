#include "common/config/summary.hpp"

#include "common/config/fingerprint.hpp"
#include "common/config/text_file.hpp"
#include "common/text/duration_text.hpp"
#include "common/text/rate_text.hpp"
#include "common/text/time_of_day.hpp"

#include <string_view>

namespace sb::config {
namespace {

constexpr std::size_t value_column = 32;

class Page {
public:
    void section(std::string_view name) {
        if (!text_.empty()) text_ += '\n';
        text_.append("[").append(name).append("]\n");
    }

    void line(std::string_view key, std::string const& value) {
        std::size_t const start = text_.size();
        text_.append("  ").append(key);
        text_.append(value_column - (text_.size() - start), ' ');
        text_.append(value).append("\n");
    }

    /// A setting that may be absent, and what its absence means.
    void line(std::string_view key, std::string const& value, std::string_view if_empty) {
        line(key, value.empty() ? std::string(if_empty) : value);
    }

    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

std::string host_text(HostPort const& host, std::uint16_t protocol_port) {
    bool const v6 = host.host.find(':') != std::string::npos;
    std::string const name = v6 ? '[' + host.host + ']' : host.host;
    return name + ':' + std::to_string(host.port.value_or(protocol_port));
}

std::string password_text(Secret const& password, std::filesystem::path const& file) {
    if (!file.empty()) return "(from file " + utf8_of(file) + ")";
    return password.empty() ? "(not set)" : "(set)";
}

std::string_view yes_no(bool value) { return value ? "yes" : "no"; }

std::string_view name_of(MailSecurity security) {
    switch (security) {
        case MailSecurity::starttls: return "starttls";
        case MailSecurity::tls: return "tls";
        case MailSecurity::none: break;
    }
    return "none";
}

std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::error: return "error";
        case LogLevel::warning: return "warning";
        case LogLevel::debug: return "debug";
        case LogLevel::info: break;
    }
    return "info";
}

void add_smtp(Page& page, std::optional<Smtp> const& smtp) {
    page.section("SMTP");
    if (!smtp) return page.line("(section absent)", "no mail is sent");
    page.line("Host", smtp->host);
    page.line("Port", std::to_string(smtp->port));
    page.line("From", smtp->from);
    std::string to;
    for (auto const& address : smtp->to) to += (to.empty() ? "" : ", ") + address;
    page.line("To", to);
    page.line("Username", smtp->username, "(none: no log-in)");
    page.line("Password", password_text(smtp->password, smtp->password_file));
    page.line("Security", std::string(name_of(smtp->security)));
}

void add_schedule(Page& page, std::optional<Schedule> const& schedule) {
    page.section("Schedule");
    if (!schedule) return page.line("(section absent)", "nothing is backed up by itself");
    page.line("Tag", schedule->tag.value_or(""), "(none: every VM)");
    page.line("Concurrency", std::to_string(schedule->concurrency));
    if (schedule->start_time == schedule->end_time) {
        page.line("StartTime, EndTime", "always open");
    } else {
        page.line("StartTime", time_of_day_text(schedule->start_time));
        page.line("EndTime", time_of_day_text(schedule->end_time));
    }
    page.line("BackupInterval", duration_text(schedule->backup_interval));
    page.line("MaxBackups", schedule->max_backups ? std::to_string(*schedule->max_backups) : "(no limit)");
    page.line("MaxAge", schedule->max_age ? duration_text(*schedule->max_age) : "(no limit)");
    page.line("Tolerance", schedule->tolerance ? duration_text(*schedule->tolerance) : "(not set)");
}

void add_hooks(Page& page, Hooks const& hooks) {
    page.section("Hooks");
    page.line("PreBackup", hooks.pre_backup, "(none)");
    page.line("PostBackup", hooks.post_backup, "(none)");
    page.line("PreRestore", hooks.pre_restore, "(none)");
    page.line("PostRestore", hooks.post_restore, "(none)");
    page.line("PreSchedule", hooks.pre_schedule, "(none)");
    page.line("PostSchedule", hooks.post_schedule, "(none)");
    page.line("DelayPostBackupWhenScheduled", std::string(yes_no(hooks.delay_post_backup_when_scheduled)));
    page.line("HookTimeout", duration_text(hooks.hook_timeout));
    page.line("PreBackupMustSucceed", std::string(yes_no(hooks.pre_backup_must_succeed)));
}

std::string_view name_of(VerifyWhen when) {
    switch (when) {
        case VerifyWhen::always: return "always";
        case VerifyWhen::inside_window: return "inside window";
        case VerifyWhen::outside_window: break;
    }
    return "outside window";
}

void add_verify(Page& page, Verify const& verify) {
    page.section("Verify");
    page.line("Structure", std::string(yes_no(verify.structure)));
    page.line("Content", std::string(yes_no(verify.content)));
    page.line("RereadEvery", verify.reread_every ? duration_text(*verify.reread_every) : "(never)");
    page.line("MaxRate", rate_text(Rate{verify.max_rate}));
    page.line("When", std::string(name_of(verify.when)));
    page.line("Cores", std::to_string(verify.cores));
}

}  // namespace

std::string summary(Config const& config) {
    Page page;
    page.section("SMB");
    page.line("Domain", config.smb.domain, "(none)");
    page.line("Username", config.smb.username);
    page.line("Password", password_text(config.smb.password, config.smb.password_file));
    page.line("Host", host_text(config.smb.host, 445));
    page.line("ShareName", config.smb.share_name);
    page.line("LocalPath", utf8_of(config.smb.local_path));

    page.section("Scale");
    page.line("Username", config.scale.username);
    page.line("Password", password_text(config.scale.password, config.scale.password_file));
    for (auto const& host : config.scale.hosts) page.line("Host", host_text(host, 443));
    if (config.scale.cert_fingerprints.empty()) page.line("CertFingerprint", "(not set)");
    for (auto const& fingerprint : config.scale.cert_fingerprints) {
        page.line("CertFingerprint", fingerprint_text(fingerprint));
    }

    add_smtp(page, config.smtp);
    add_schedule(page, config.schedule);
    add_hooks(page, config.hooks);
    add_verify(page, config.verify);

    page.section("Daemon");
    page.line("Socket", utf8_of(config.daemon.socket));
    page.line("SocketGroup", config.daemon.socket_group, "(the daemon's own)");
    page.line("SocketReadGroup", config.daemon.socket_read_group, "(none: whoever can connect may change things)");
    page.line("StateDir", utf8_of(config.daemon.state_dir));
    page.line("LogLevel", std::string(name_of(config.daemon.log_level)));
    page.line("LogFile", utf8_of(config.daemon.log_file), "(standard error)");

    page.section("Timeouts");
    auto const seconds = [&page](std::string_view key, std::chrono::seconds value) {
        page.line(key, std::to_string(value.count()) + " seconds");
    };
    seconds("Request", config.timeouts.request);
    seconds("Submit", config.timeouts.submit);
    seconds("Resolve", config.timeouts.resolve);
    seconds("ShareDelay", config.timeouts.share_delay);
    seconds("ClusterUnreachable", config.timeouts.cluster_unreachable);
    return page.take();
}

}  // namespace sb::config
