#include "common/config/file_access.hpp"
#include "common/config/text_file.hpp"
#include "common/config/validate.hpp"
#include "common/config/values.hpp"

namespace sb::config {
namespace {

class Rules {
public:
    Rules(Source const& source, Loaded& loaded, Report& report)
        : source_(source), config_(loaded.config), problems_(loaded.problems), report_(report) {}

    void check() {
        password_or_file("SMB", true, config_.smb.password, config_.smb.password_file);
        password_or_file("Scale", true, config_.scale.password, config_.scale.password_file);
        user_without_colon();
        if (config_.smtp) mail_login(*config_.smtp);
        window_has_two_ends();
        if (config_.debug) use_predecessors_log_file(*config_.debug);
        refuse_open_files();
    }

private:
    /// A bare file name is first a credential of the service manager (systemd's LoadCredential=), if there is one.
    std::filesystem::path place_of_password_file(std::filesystem::path const& named) const {
        bool const bare = !named.has_parent_path();
        if (bare && !source_.credentials.empty()) {
            auto const credential = source_.credentials / named;
            std::error_code ignored;
            if (std::filesystem::exists(credential, ignored)) return credential;
        }
        return source_.folder / named;
    }

    /// `file` is the path as it is written, and becomes the place where the password came from.
    void password_or_file(std::string_view section, bool required, Secret& password, std::filesystem::path& file) {
        bool const given = report_.is_set(section, "Password");
        bool const in_file = report_.is_set(section, "PasswordFile");
        if (!password.empty()) config_holds_password_ = true;
        if (given && in_file)
            return report_.problem(section, "PasswordFile", "set either Password or PasswordFile, not both");
        if (!file.empty()) {
            auto const written = utf8_of(file);
            file = place_of_password_file(file);
            auto read = read_password_file(file);
            if (read) {
                password = std::move(read->password);
                password_files_.push_back(file);
                if (read->is_unusual)
                    report_.remark(section, "PasswordFile",
                                   "warning: the password in this file begins or ends with a space or contains an "
                                   "invisible character, which belongs to it; is that intended?");
            } else {
                auto const* entry = report_.entry(section, "PasswordFile");
                report_.bad_value(*find_key(section, "PasswordFile"), entry->value.place, written,
                                  read.error().context);
            }
        }
        auto const* in = report_.section(section);
        if (!required || given || in_file || in == nullptr || !in->is_table) return;
        bool const empty = report_.entry(section, "Password") != nullptr;
        report_.problem(section, "Password",
                        std::string(empty ? "this must not be empty" : "this key is missing") +
                            "; PasswordFile = 'path' is allowed too");
    }

    /// Basic authentication ends the user name at the first colon (RFC 7617).
    void user_without_colon() {
        if (config_.scale.username.find(':') != std::string::npos)
            report_.problem("Scale", "Username", "a user name with a colon cannot log in to the cluster");
    }

    void mail_login(Smtp& smtp) {
        bool const with_user = report_.is_set("SMTP", "Username");
        bool const with_password = report_.is_set("SMTP", "Password") || report_.is_set("SMTP", "PasswordFile");
        password_or_file("SMTP", with_user, smtp.password, smtp.password_file);
        if (with_password && !with_user)
            report_.problem("SMTP", "Username", "this key is missing: a password needs a user name");
        auto const* security = report_.entry("SMTP", "Security");
        // With an invalid value, which is reported already, the intention is not known.
        bool const meant = security == nullptr || security->value.text.empty() ||
                           choice_of(mail_security_words, security->value.text) == MailSecurity::none;
        if (with_password && meant && smtp.security == MailSecurity::none)
            report_.remark("SMTP", "Security", "warning: without 'starttls' or 'tls' the password is sent unencrypted");
    }

    void window_has_two_ends() {
        bool const start = report_.is_set("Schedule", "StartTime");
        auto const& schedule = config_.schedule;
        // Without a value it is wrong, which is reported already.
        if (schedule && schedule->start_time && schedule->start_time == schedule->end_time)
            report_.remark("Schedule", "StartTime", "note: the same time as EndTime: the window is always open");
        if (start == report_.is_set("Schedule", "EndTime")) return;
        report_.problem("Schedule", start ? "EndTime" : "StartTime",
                        "this key is missing: a window needs StartTime and EndTime; without both it is always open");
    }

    void use_predecessors_log_file(PredecessorDebug const& debug) {
        auto& log_file = config_.daemon.log_file;
        if (!debug.log_file.empty()) {
            auto const path = parse_absolute_path(debug.log_file);
            std::string fate = "used as [Daemon] LogFile";
            if (!path) fate = "ignored: it is not an absolute path; set [Daemon] LogFile instead";
            else if (!log_file.empty()) fate = "ignored: [Daemon] LogFile is set";
            else log_file = *path;
            report_.remark("Debug", "LogFile", "note: " + fate);
        }
        if (debug.redact_passwords)
            report_.remark("Debug", "RedactPasswords", "note: has no effect: passwords are never logged");
    }

    /// The predecessor accepted a configuration that every user could read.
    void refuse_open_files() {
        refuse_if_open(path_from_utf8(source_.file), config_holds_password_,
                       "could make the daemon run any program as a hook");
        for (auto const& file : password_files_) refuse_if_open(file, true, "could replace the password");
    }

    void refuse_if_open(std::filesystem::path const& file, bool holds_password, std::string_view danger) {
        auto const open_to_all = exposure_of(file);
        std::string text;
        if (open_to_all.readable && holds_password) text = "every user can read this file, and it contains a password";
        if (open_to_all.writable)
            text +=
                std::string(text.empty() ? "" : "; ") + "every user can change this file and " + std::string(danger);
        if (text.empty()) return;
        problems_.push_back(Problem{utf8_of(file), 0, 0, "", text + "; fix it with: " + command_that_closes(file)});
    }

    Source const& source_;
    Config& config_;
    std::vector<Problem>& problems_;
    Report& report_;
    bool config_holds_password_ = false;
    std::vector<std::filesystem::path> password_files_;
};

}  // namespace

void check_rules(Source const& source, Loaded& loaded, Report& report) { Rules(source, loaded, report).check(); }

}  // namespace sb::config
